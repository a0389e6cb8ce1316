# ruff: noqa: S608  (names in these statements come from our own tables of fields, values are parameters)
"""Cleaned rows into the tables: staged by COPY, upserted by a few statements over sets, differences only.

Everything here runs on one connection. Staging tables are temporary and hold only the columns that the file has;
`Staging.write` may be called outside a transaction, `upsert` must be called in one. Imports upsert one at a time
(advisory lock), so two runs of one file cannot both create; a record made by hand meanwhile wins by its unique
constraint and is then updated like any other.
"""

from __future__ import annotations

from leads import changes
from leads.hashing import content_hash_sql
from leads.imports.upsert.base import Upserted
from leads.imports.upsert.companies import CompanyUpsert
from leads.imports.upsert.people import PersonUpsert
from leads.imports.upsert.staging import Staging, run_sql

UPSERT_LOCK = 0x6C656164
"""Advisory lock of the upsert; "lead" in ASCII."""


def upsert(staging: Staging, *, batch_id: int, session_key: str, source: str, update_rule: str) -> Upserted:
    """Insert or update what is staged, in the caller's transaction."""
    run_sql("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": UPSERT_LOCK})
    run_sql("SET LOCAL default_statistics_target = 10")
    run_sql("ANALYZE staged_person (row_number, key_kind, key, company_kind, company_key)")
    run_sql("ANALYZE staged_company (row_number, key_kind, key)")
    result = Upserted()
    arguments = {"session_key": session_key, "source": source, "update_rule": update_rule}
    CompanyUpsert(staging, result, batch_id=batch_id, **arguments).companies()
    if staging.person_columns:
        run_sql("ANALYZE company_map")
        PersonUpsert(staging, result, batch_id=batch_id, **arguments).people()
        changes.record_selected("SELECT lead_id FROM picks WHERE is_new OR is_changed")
    if result.companies_updated:
        _refresh_hashes()
        changes.record_selected(
            "SELECT l.id FROM company_map m JOIN leads_lead l ON l.company_id = m.company_id WHERE m.is_changed"
        )
    return result


def _refresh_hashes() -> None:
    """Leads of companies that changed look different to qualification."""
    run_sql(
        f"UPDATE leads_lead t SET content_hash = n.content_hash FROM (SELECT l.id, {content_hash_sql()} AS content_hash"
        " FROM company_map m JOIN leads_company c ON c.id = m.company_id JOIN leads_lead l ON l.company_id = c.id"
        " WHERE m.is_changed AND l.erased_at IS NULL) n WHERE t.id = n.id AND t.content_hash <> n.content_hash"
    )
