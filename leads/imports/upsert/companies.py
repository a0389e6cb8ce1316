# ruff: noqa: S608  (names in these statements come from our own tables of fields, values are parameters)
"""Staged companies into the table, in rounds from the strongest key to the weakest.

Each round matches, inserts what is new and updates what differs, so that the next one sees its companies.
"""

from __future__ import annotations

from leads.imports.columns.rows import Key
from leads.imports.upsert.base import Upsert
from leads.imports.upsert.fields import COMPANY
from leads.imports.upsert.staging import fetch, run_sql

ROUNDS = (Key.TAX_ID, Key.REGISTRATION_NUMBER, Key.EXTERNAL_ID, Key.NAME)


class CompanyUpsert(Upsert):
    """Fills `company_map`: which staged company is which row of leads_company."""

    def companies(self) -> None:
        if not self.staging.company_kinds:
            return
        dropped = self.collapse("staged_company", self.staging.company_columns)
        run_sql("CREATE INDEX ON staged_company (row_number)")
        for kind in ROUNDS:
            if kind in self.staging.company_kinds:
                self._match_companies(kind)
                self._insert_companies(kind)
                self._update_companies(kind)
        created, updated, total = fetch(
            "SELECT count(DISTINCT company_id) FILTER (WHERE is_new),"
            " count(DISTINCT company_id) FILTER (WHERE is_changed AND NOT is_new), count(DISTINCT company_id) FROM company_map"
        )[0]
        self.result.companies_created = created
        self.result.companies_updated = updated
        self.result.companies_unchanged = total - created - updated
        if not self.staging.person_columns:
            rows = fetch("SELECT count(*) FROM staged_company")[0][0]
            self.result.created, self.result.updated = created, updated
            self.result.unchanged = total - created - updated
            self.result.duplicates = dropped + rows - total

    def _match_companies(self, kind: Key) -> None:
        has = self.company_columns.__contains__
        country = "(c.country = s.country OR c.country = '' OR s.country = '')"
        same_tax = "(c.tax_id = '' OR s.tax_id = '' OR c.tax_id = s.tax_id)" if has("tax_id") else "true"
        same_number = (
            "(c.registration_number = '' OR s.registration_number = '' OR c.registration_number = s.registration_number)"
            if has("registration_number")
            else "true"
        )
        conditions = {
            Key.NAME: f"c.name_key = s.name_key AND c.name_key <> '' AND {country} AND {same_tax} AND {same_number}"
        }
        if has("tax_id"):
            conditions[Key.TAX_ID] = f"c.tax_id = s.tax_id AND c.tax_id <> '' AND {country}"
        if has("registration_number"):
            conditions[Key.REGISTRATION_NUMBER] = (
                f"c.registration_number = s.registration_number AND c.registration_number <> '' AND {country} AND {same_tax}"
            )
        if has("external_id"):
            conditions[Key.EXTERNAL_ID] = (
                "c.source = %(source)s AND c.external_id = s.external_id AND c.external_id <> ''"
            )
        self.run(
            "INSERT INTO company_map (row_number, key_kind, key, company_id)"
            " SELECT DISTINCT ON (s.row_number) s.row_number, s.key_kind, s.key, coalesce(c.merged_into_id, c.id)"
            f" FROM staged_company s LEFT JOIN leads_company c ON {conditions[kind]} WHERE s.key_kind = %(kind)s"
            " ORDER BY s.row_number, (c.country = s.country) DESC NULLS LAST, c.merged_into_id NULLS FIRST, c.id",
            kind=int(kind),
        )
        for weaker in ROUNDS[ROUNDS.index(kind) + 1 :]:
            if weaker not in conditions:
                continue
            self.run(
                "UPDATE company_map m SET company_id = f.id FROM ("
                " SELECT DISTINCT ON (id) * FROM ("
                "  SELECT DISTINCT ON (s.row_number) s.row_number, coalesce(c.merged_into_id, c.id) AS id FROM company_map o"
                "  JOIN staged_company s ON s.row_number = o.row_number"
                f" JOIN leads_company c ON {conditions[weaker]} WHERE o.company_id IS NULL AND o.key_kind = %(kind)s"
                "  ORDER BY s.row_number, (c.country = s.country) DESC, c.id) a ORDER BY id, row_number) f"
                " WHERE m.row_number = f.row_number AND m.company_id IS NULL"
                " AND NOT EXISTS (SELECT 1 FROM company_map t WHERE t.company_id = f.id AND t.key_kind = %(kind)s)",
                kind=int(kind),
            )

    def _insert_companies(self, kind: Key) -> None:
        expected = self.run(
            "UPDATE company_map SET company_id = nextval(pg_get_serial_sequence('leads_company', 'id')), is_new = true"
            " WHERE company_id IS NULL AND key_kind = %(kind)s",
            kind=int(kind),
        )
        if not expected:
            return
        has = self.company_columns.__contains__
        columns = COMPANY.inserted(self.company_columns)
        fallbacks = [
            f"nullif(s.{n}, '')" for n in ("name", "domain", "tax_id", "registration_number", "external_id") if has(n)
        ]
        columns["name"] = f"coalesce({', '.join(fallbacks)}, '?')"
        inserted = self.run(
            f"INSERT INTO leads_company (id, {', '.join(columns)}) SELECT m.company_id, {', '.join(columns.values())}"
            " FROM company_map m JOIN staged_company s ON s.row_number = m.row_number"
            " WHERE m.is_new AND m.key_kind = %(kind)s ON CONFLICT DO NOTHING",
            kind=int(kind),
        )
        if inserted < expected:
            self._rematch_lost_companies(kind)

    def _rematch_lost_companies(self, kind: Key) -> None:
        """Companies rejected by a unique constraint belong to a record with the same id created a moment ago."""
        ids = [n for n in ("tax_id", "registration_number") if n in self.company_columns]
        same = [f"(c.{n} = s.{n} AND s.{n} <> '' AND c.country = s.country)" for n in ids]
        if "external_id" in self.company_columns:
            same.append("(c.source = %(source)s AND c.external_id = s.external_id AND s.external_id <> '')")
        lost = "m.is_new AND m.key_kind = %(kind)s AND NOT EXISTS (SELECT 1 FROM leads_company c WHERE c.id = m.company_id)"
        self.run(f"UPDATE company_map m SET company_id = NULL, is_new = false WHERE {lost}", kind=int(kind))
        for condition in same:
            self.run(
                "UPDATE company_map m SET company_id = c.id FROM staged_company s, leads_company c"
                f" WHERE s.row_number = m.row_number AND m.company_id IS NULL AND m.key_kind = %(kind)s AND {condition}",
                kind=int(kind),
            )

    def _update_companies(self, kind: Key) -> None:
        has = self.company_columns.__contains__
        columns = COMPANY.updated(
            self.company_columns - {"external_id"}, fills=self.fills, newer=self.newer(COMPANY, self.company_columns)
        )
        for name in ("tax_id", "registration_number"):
            if has(name):
                columns[name] = (
                    f"CASE WHEN c.{name} = '' AND s.{name} <> '' AND s.first_{name} AND NOT EXISTS ("
                    f"SELECT 1 FROM {COMPANY.name} o WHERE o.{name} = s.{name} AND o.id <> c.id) THEN s.{name} ELSE c.{name} END"
                )
        columns["country"] = (
            "CASE WHEN c.country = '' AND c.tax_id = '' AND c.registration_number = '' THEN s.country ELSE c.country END"
        )
        firsts = "".join(
            f", row_number() OVER (PARTITION BY g.{n} ORDER BY g.row_number) = 1 AS first_{n}"
            for n in ("tax_id", "registration_number")
            if has(n)
        )
        names = list(columns)
        before, returned, noted = self.noted("company", "c", names)
        self.run(
            "WITH changed AS (UPDATE leads_company t SET updated_at = now(), "
            + ", ".join(f"{n} = n.{n}" for n in names)
            + f" FROM (SELECT c.id, {before}, "
            + ", ".join(f"{sql} AS {n}" for n, sql in columns.items())
            + " FROM (SELECT DISTINCT ON (company_id) row_number, company_id FROM company_map"
            " WHERE NOT is_new AND company_id IS NOT NULL AND key_kind = %(kind)s ORDER BY company_id, row_number) m"
            f" JOIN (SELECT g.*{firsts} FROM staged_company g WHERE g.key_kind = %(kind)s) s ON s.row_number = m.row_number"
            " JOIN leads_company c ON c.id = m.company_id"
            f" WHERE ({', '.join(columns.values())}) IS DISTINCT FROM ({', '.join('c.' + n for n in names)})) n"
            f" WHERE t.id = n.id RETURNING t.id, {returned}), {noted}"
            " UPDATE company_map m SET is_changed = true FROM changed WHERE changed.id = m.company_id",
            kind=int(kind),
        )
