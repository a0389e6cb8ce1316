"""Leads and companies out as CSV: formulas neutralised, every export audited."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from leads.imports.cleaning import neutralise
from leads.imports.services import Echo
from leads.models import Company, Lead
from leads.selectors import company_query, lead_query
from outreach.core.models import Actor, AuditEntry

LEAD_COLUMNS = (
    "id", "full_name", "first_name", "last_name", "title", "email", "phone", "network", "company", "company_domain", "industry",
    "tax_id", "country", "city", "language", "status", "tags", "source", "external_id",
)  # fmt: skip
COMPANY_COLUMNS = (
    "id", "name", "domain", "website", "country", "city", "industry", "segment", "is_sme", "employee_count", "tax_id",
    "registration_number", "phone", "status", "tags", "source", "external_id",
)  # fmt: skip
CHUNK = 1000


def export_leads(*, actor: Actor, **filters: Any) -> Iterator[str]:
    """CSV of the leads that fit `filters` (see `selectors.lead_query`), in chunks of text."""
    return lead_csv(query=lead_query(**filters), actor=actor, filters=filters)


def lead_csv(*, query: QuerySet[Lead], actor: Actor, filters: dict[str, Any] | None = None) -> Iterator[str]:
    """CSV of the leads of `query`; the export is in the audit trail before the first line leaves."""
    _audit("lead", actor, filters or {})
    return _csv(LEAD_COLUMNS, _lead_rows(query))


def export_companies(*, actor: Actor, **filters: Any) -> Iterator[str]:
    """CSV of the companies that fit `filters` (see `selectors.company_query`), in chunks of text."""
    _audit("company", actor, filters)
    return _csv(COMPANY_COLUMNS, _company_rows(company_query(**filters)))


def _audit(noun: str, actor: Actor, filters: dict[str, Any]) -> None:
    """Names of the filters only: what was searched for may be personal."""
    AuditEntry.objects.create(
        action=f"{noun}.exported",
        subject_type="leads.Lead" if noun == "lead" else "leads.Company",
        subject_id="*",
        actor_kind=actor.kind,
        actor_name=actor.name,
        user_id=actor.user_id,
        data={"filters": sorted(name for name, value in filters.items() if value)},
    )


def _csv(columns: tuple[str, ...], rows: Iterator[list[Any]]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([neutralise(cell) for cell in row])


def _lead_rows(query: QuerySet[Lead]) -> Iterator[list[Any]]:
    for lead in (
        query.select_related("company").prefetch_related("identities").order_by("pk").iterator(chunk_size=CHUNK)
    ):
        company = lead.company or Company()
        yield [
            lead.pk, lead.full_name, lead.first_name, lead.last_name, lead.title, lead.address("email"), lead.address("sms"),
            lead.address("network"), company.name, company.domain, company.industry, company.tax_id, lead.country, lead.city,
            lead.language, lead.status, ", ".join(lead.tags), lead.source, lead.external_id,
        ]  # fmt: skip


def _company_rows(query: QuerySet[Company]) -> Iterator[list[Any]]:
    for company in query.order_by("pk").iterator(chunk_size=CHUNK):
        yield [
            ", ".join(company.tags) if name == "tags" else getattr(company, name if name != "id" else "pk")
            for name in COMPANY_COLUMNS
        ]
