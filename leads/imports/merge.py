# ruff: noqa: S608  (names in these statements come from our own tables of fields, values are parameters)
"""Cleaned rows into the tables: staged by COPY, merged by a few statements over sets, differences only.

Everything here runs on one connection. Staging tables are temporary and hold only the columns that the file has;
`Staging.write` may be called outside a transaction, `merge` must be called in one. Imports merge one at a time
(advisory lock), so two runs of one file cannot both create; a record made by hand meanwhile wins by its unique
constraint and is then updated like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from django.db import connection

from leads.hashing import content_hash_sql
from leads.imports.rows import TAG_SEPARATOR, CleanRow, Key

MERGE_LOCK = 0x6C656164
"""Advisory lock of the merge; "lead" in ASCII."""
FILL_EMPTY = "fill_empty"

_COMPANY_ROUNDS = (Key.TAX_ID, Key.REGISTRATION_NUMBER, Key.EXTERNAL_ID, Key.NAME)
_PERSON_ROUNDS = (Key.EXTERNAL_ID, Key.EMAIL, Key.PHONE, Key.NETWORK, Key.NAME)
_COMPANY_TEXTS = (
    "name", "name_key", "domain", "website", "country", "city", "industry", "segment", "tax_id",
    "registration_number", "phone", "status", "research_text",
)  # fmt: skip
_LEAD_TEXTS = (
    "first_name", "last_name", "full_name", "name_key", "title", "title_key", "description", "url", "country",
    "region", "city", "postal_code", "time_zone", "language", "status",
)  # fmt: skip
_FIXED = frozenset({"tax_id", "registration_number", "country", "external_id"})
"""What companies are recognised by: filled where empty, never overwritten."""
_TOGETHER = {"name_key": "name", "title_key": "title"}
_CHANNELS = {"email": "email", "email_2": "email", "phone": "sms", "phone_2": "sms", "network": "network"}


@dataclass
class Merged:
    """What a merge did. Row counts are of rows in the file, company counts of companies."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    companies_created: int = 0
    companies_updated: int = 0
    companies_unchanged: int = 0
    taken: list[tuple[int, str, str]] = field(default_factory=list)
    """(line, field, address) of addresses that belong to another lead."""


class Staging:
    """The two staging tables of one import; a context manager that drops them."""

    def __init__(self, *, person_columns: Iterable[str], company_columns: Iterable[str]) -> None:
        self.person_columns = tuple(person_columns)
        self.company_columns = tuple(company_columns)
        self.people: list[str] = []
        self.companies: list[str] = []
        self.person_kinds: set[Key] = set()
        self.company_kinds: set[Key] = set()

    def __enter__(self) -> Staging:
        self._drop()
        person = "".join(f', {name} text COLLATE "C"' for name in self.person_columns)
        company = "".join(f', {name} text COLLATE "C"' for name in self.company_columns)
        _run(
            'CREATE TEMP TABLE staged_person (row_number integer, key_kind smallint, key text COLLATE "C",'
            f' company_kind smallint, company_key text COLLATE "C"{person})'
        )
        _run(f'CREATE TEMP TABLE staged_company (row_number integer, key_kind smallint, key text COLLATE "C"{company})')
        _run(
            'CREATE TEMP TABLE company_map (row_number integer, key_kind smallint, key text COLLATE "C",'
            " company_id bigint, is_new boolean DEFAULT false, is_changed boolean DEFAULT false)"
        )
        _run(
            "CREATE TEMP TABLE picks (row_number integer, key_kind smallint, lead_id bigint, company_id bigint,"
            " is_new boolean DEFAULT false, is_changed boolean DEFAULT false)"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not connection.needs_rollback:
            self._drop()

    @staticmethod
    def _drop() -> None:
        _run("DROP TABLE IF EXISTS pg_temp.staged_person, pg_temp.staged_company, pg_temp.company_map, pg_temp.picks")

    def add(self, line: int, row: CleanRow) -> None:
        """Keep one row for the next `write`."""
        company = row.company
        if company is not None and row.is_new_company:
            self.company_kinds.add(company.key_kind)
            values = company.values
            self.companies.append(
                _copy_line(
                    [
                        str(line),
                        str(int(company.key_kind)),
                        company.key,
                        *(values.get(n, "") for n in self.company_columns),
                    ]
                )
            )
        person = row.person
        if person is not None:
            self.person_kinds.add(row.key_kind)
            kind, key = (str(int(company.key_kind)), company.key) if company else ("-1", "")
            self.people.append(
                _copy_line(
                    [
                        str(line),
                        str(int(row.key_kind)),
                        row.key,
                        kind,
                        key,
                        *(person.get(n, "") for n in self.person_columns),
                    ]
                )
            )

    def write(self) -> None:
        """COPY what was added since the last call."""
        for table, lines in (("staged_company", self.companies), ("staged_person", self.people)):
            if lines:
                with (
                    connection.cursor() as cursor,
                    cursor.copy(f"COPY {table} {self._columns(table)} FROM STDIN") as copy,
                ):
                    copy.write("".join(lines).encode())
                lines.clear()

    def _columns(self, table: str) -> str:
        if table == "staged_company":
            return f"(row_number, key_kind, key{''.join(', ' + n for n in self.company_columns)})"
        return f"(row_number, key_kind, key, company_kind, company_key{''.join(', ' + n for n in self.person_columns)})"


_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _copy_line(values: list[str]) -> str:
    line = "\t".join(values)
    if "\\" in line or "\n" in line or "\r" in line or line.count("\t") != len(values) - 1:
        line = "\t".join(value.translate(_ESCAPES) for value in values)
    return line + "\n"


def _run(sql: str, parameters: Mapping[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _rows(sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def merge(staging: Staging, *, batch_id: int, session_key: str, source: str, update_rule: str) -> Merged:
    """Merge what is staged, in the caller's transaction."""
    work = _Merge(staging, batch_id=batch_id, session_key=session_key, source=source, update_rule=update_rule)
    _run("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": MERGE_LOCK})
    _run("SET LOCAL default_statistics_target = 10")
    _run("ANALYZE staged_person (row_number, key_kind, key, company_kind, company_key)")
    _run("ANALYZE staged_company (row_number, key_kind, key)")
    work.companies()
    if staging.person_columns:
        _run("ANALYZE company_map")
        work.people()
    work.refresh_hashes()
    return work.result


class _Merge:
    def __init__(self, staging: Staging, *, batch_id: int, session_key: str, source: str, update_rule: str) -> None:
        self.staging = staging
        self.company_columns = frozenset(staging.company_columns)
        self.person_columns = frozenset(staging.person_columns)
        self.fills = update_rule == FILL_EMPTY
        self.parameters = {
            "batch": batch_id, "session_key": session_key, "source": source, "separator": TAG_SEPARATOR, "kind": -1,
        }  # fmt: skip
        self.result = Merged()

    def run(self, sql: str, **more: Any) -> int:
        return _run(sql, self.parameters | more)

    # companies

    def companies(self) -> None:
        if not self.staging.company_kinds:
            return
        dropped = self._collapse("staged_company", self.staging.company_columns)
        _run("CREATE INDEX ON staged_company (row_number)")
        for kind in _COMPANY_ROUNDS:
            if kind in self.staging.company_kinds:
                self._match_companies(kind)
                self._insert_companies(kind)
                self._update_companies(kind)
        created, updated, total = _rows(
            "SELECT count(DISTINCT company_id) FILTER (WHERE is_new),"
            " count(DISTINCT company_id) FILTER (WHERE is_changed AND NOT is_new), count(DISTINCT company_id) FROM company_map"
        )[0]
        self.result.companies_created = created
        self.result.companies_updated = updated
        self.result.companies_unchanged = total - created - updated
        if not self.staging.person_columns:
            rows = _rows("SELECT count(*) FROM staged_company")[0][0]
            self.result.created, self.result.updated = created, updated
            self.result.unchanged = total - created - updated
            self.result.duplicates = dropped + rows - total

    def _collapse(self, table: str, columns: Iterable[str]) -> int:
        """Make one staged row of those with the same key: first value known wins, or the last one on overwrite."""
        groups = f"SELECT key_kind, key FROM {table} GROUP BY key_kind, key HAVING count(*) > 1"
        if not _rows(f"SELECT 1 FROM ({groups}) g LIMIT 1"):
            return 0
        order = "ASC" if self.fills else "DESC"
        names = list(columns)
        picked = ", ".join(
            f"coalesce((array_agg({n} ORDER BY row_number {order}) FILTER (WHERE {n} <> ''))[1], '') AS {n}"
            for n in names
        )
        _run(
            f"CREATE TEMP TABLE collapsed ON COMMIT DROP AS SELECT key_kind, key, min(row_number) AS first{', ' + picked if names else ''}"
            f" FROM {table} WHERE (key_kind, key) IN ({groups}) GROUP BY key_kind, key"
        )
        dropped = _run(
            f"DELETE FROM {table} s USING collapsed d WHERE d.key_kind = s.key_kind AND d.key = s.key AND s.row_number <> d.first"
        )
        assigned = ", ".join(f"{n} = d.{n}" for n in names)
        _run(f"UPDATE {table} s SET {assigned} FROM collapsed d WHERE s.row_number = d.first AND s.key = d.key")
        _run("DROP TABLE collapsed")
        return dropped

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
            " SELECT DISTINCT ON (s.row_number) s.row_number, s.key_kind, s.key, c.id"
            f" FROM staged_company s LEFT JOIN leads_company c ON {conditions[kind]} WHERE s.key_kind = %(kind)s"
            " ORDER BY s.row_number, (c.country = s.country) DESC NULLS LAST, c.id",
            kind=int(kind),
        )
        for weaker in _COMPANY_ROUNDS[_COMPANY_ROUNDS.index(kind) + 1 :]:
            if weaker not in conditions:
                continue
            self.run(
                "UPDATE company_map m SET company_id = f.id FROM ("
                " SELECT DISTINCT ON (id) * FROM ("
                "  SELECT DISTINCT ON (s.row_number) s.row_number, c.id FROM company_map o"
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
        columns = {name: (f"s.{name}" if has(name) else "''") for name in _COMPANY_TEXTS}
        fallbacks = [
            f"nullif(s.{n}, '')" for n in ("name", "domain", "tax_id", "registration_number", "external_id") if has(n)
        ]
        columns |= {
            "name": f"coalesce({', '.join(fallbacks)}, '?')",
            "is_sme": "nullif(s.is_sme, '')::boolean" if has("is_sme") else "NULL",
            "employee_count": "nullif(s.employee_count, '')::integer" if has("employee_count") else "NULL",
            "external_id": "s.external_id" if has("external_id") else "''",
            **self._common_columns("s", has),
        }
        inserted = self.run(
            f"INSERT INTO leads_company (id, {', '.join(columns)}) SELECT m.company_id, {', '.join(columns.values())}"
            " FROM company_map m JOIN staged_company s ON s.row_number = m.row_number"
            " WHERE m.is_new AND m.key_kind = %(kind)s ON CONFLICT DO NOTHING",
            kind=int(kind),
        )
        if inserted < expected:
            self._rematch_lost_companies(kind)

    def _rematch_lost_companies(self, kind: Key) -> None:
        """Companies that a unique constraint kept out belong to a record with the same id, made a moment ago."""
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

    def _common_columns(self, alias: str, has: Any) -> dict[str, str]:
        return {
            "tags": f"CASE WHEN {alias}.tags = '' THEN '{{}}'::text[] ELSE string_to_array({alias}.tags, %(separator)s) END"
            if has("tags")
            else "'{}'::text[]",
            "attributes": f"CASE WHEN {alias}.attributes = '' THEN '{{}}'::jsonb ELSE {alias}.attributes::jsonb END"
            if has("attributes")
            else "'{}'::jsonb",
            "source": "%(source)s",
            "session_key": "%(session_key)s",
            "batch_id": "%(batch)s",
            "created_at": "now()",
            "updated_at": "now()",
        }

    def _merged_text(self, old: str, new: str, *, name: str) -> str:
        """SQL of a text column after the update rule."""
        if self.fills or name in _FIXED:
            return f"CASE WHEN {old} = '' THEN {new} ELSE {old} END"
        return f"CASE WHEN {new} = '' THEN {old} ELSE {new} END"

    def _merged_others(self, old: str, has: Any) -> dict[str, str]:
        columns = {}
        if has("tags"):
            added = "string_to_array(s.tags, %(separator)s)"
            columns["tags"] = (
                f"CASE WHEN s.tags = '' OR {old}.tags @> {added} THEN {old}.tags"
                f" ELSE {old}.tags || ARRAY(SELECT t FROM unnest({added}) t WHERE t <> ALL ({old}.tags)) END"
            )
        if has("attributes"):
            both = (
                f"s.attributes::jsonb || {old}.attributes" if self.fills else f"{old}.attributes || s.attributes::jsonb"
            )
            columns["attributes"] = f"CASE WHEN s.attributes = '' THEN {old}.attributes ELSE {both} END"
        return columns

    def _update_companies(self, kind: Key) -> None:
        has = self.company_columns.__contains__
        columns = {
            name: self._merged_text(f"c.{name}", f"s.{name}", name=_TOGETHER.get(name, name))
            for name in _COMPANY_TEXTS
            if has(name)
        }
        for name in ("tax_id", "registration_number"):
            if has(name):
                columns[name] = (
                    f"CASE WHEN c.{name} = '' AND s.{name} <> '' AND s.first_{name} AND NOT EXISTS ("
                    f"SELECT 1 FROM leads_company o WHERE o.{name} = s.{name} AND o.id <> c.id) THEN s.{name} ELSE c.{name} END"
                )
        columns["country"] = (
            "CASE WHEN c.country = '' AND c.tax_id = '' AND c.registration_number = '' THEN s.country ELSE c.country END"
        )
        for name, cast in (("is_sme", "boolean"), ("employee_count", "integer")):
            if has(name):
                new = f"nullif(s.{name}, '')::{cast}"
                columns[name] = f"coalesce(c.{name}, {new})" if self.fills else f"coalesce({new}, c.{name})"
        columns |= self._merged_others("c", has)
        firsts = "".join(
            f", row_number() OVER (PARTITION BY g.{n} ORDER BY g.row_number) = 1 AS first_{n}"
            for n in ("tax_id", "registration_number")
            if has(n)
        )
        names = list(columns)
        self.run(
            "WITH changed AS (UPDATE leads_company t SET updated_at = now(), "
            + ", ".join(f"{n} = n.{n}" for n in names)
            + " FROM (SELECT c.id, "
            + ", ".join(f"{sql} AS {n}" for n, sql in columns.items())
            + " FROM (SELECT DISTINCT ON (company_id) row_number, company_id FROM company_map"
            " WHERE NOT is_new AND company_id IS NOT NULL AND key_kind = %(kind)s ORDER BY company_id, row_number) m"
            f" JOIN (SELECT g.*{firsts} FROM staged_company g WHERE g.key_kind = %(kind)s) s ON s.row_number = m.row_number"
            " JOIN leads_company c ON c.id = m.company_id"
            f" WHERE ({', '.join(columns.values())}) IS DISTINCT FROM ({', '.join('c.' + n for n in names)})) n"
            " WHERE t.id = n.id RETURNING t.id)"
            " UPDATE company_map m SET is_changed = true FROM changed WHERE changed.id = m.company_id",
            kind=int(kind),
        )

    # people

    def people(self) -> None:
        self.result.duplicates = self._collapse("staged_person", self.staging.person_columns)
        for kind in _PERSON_ROUNDS:
            if kind in self.staging.person_kinds:
                self._match_people(kind)
                self._insert_people(kind)
                self._update_people(kind)
                self._add_identities(kind)
                self._find_taken(kind)
        created, updated, total = _rows(
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_changed AND NOT is_new), count(*) FROM picks"
        )[0]
        self.result.created, self.result.updated = created, updated
        self.result.unchanged = total - created - updated

    def _addresses(self) -> list[tuple[str, str]]:
        return [(name, channel) for name, channel in _CHANNELS.items() if name in self.person_columns]

    def _match_people(self, kind: Key) -> None:
        found, joins = [], []
        if "external_id" in self.person_columns:
            joins.append(
                "LEFT JOIN leads_lead x ON x.source = %(source)s AND x.external_id = s.external_id AND x.external_id <> ''"
            )
            found.append("x.id")
        has_mail = " AND ".join(f"s.{n} = ''" for n, channel in self._addresses() if channel == "email") or "true"
        for name, channel in self._addresses():
            alias = f"i_{name}"
            joins.append(
                f"LEFT JOIN leads_identity {alias} ON {alias}.channel = '{channel}' AND {alias}.address = s.{name}"
            )
            if channel == "sms":
                joins.append(
                    f"LEFT JOIN leads_lead l_{name} ON l_{name}.id = {alias}.lead_id"
                    f" AND (l_{name}.name_key = s.name_key OR ({has_mail}))"
                )
                found.append(f"l_{name}.id")
            else:
                found.append(f"{alias}.lead_id")
        if kind == Key.NAME:
            joins.append(
                "LEFT JOIN LATERAL (SELECT id FROM leads_lead l WHERE l.name_key = s.name_key"
                " AND l.company_id = m.company_id AND l.erased_at IS NULL ORDER BY id LIMIT 1) n ON true"
            )
            found.append("n.id")
        self.run(
            "INSERT INTO picks (row_number, key_kind, lead_id, company_id, is_new) SELECT row_number, key_kind,"
            " coalesce(found, nextval(pg_get_serial_sequence('leads_lead', 'id'))), company_id, found IS NULL FROM ("
            f"SELECT s.row_number, s.key_kind, coalesce({', '.join(found)}, NULL) AS found, m.company_id FROM staged_person s"
            " LEFT JOIN company_map m ON m.key_kind = s.company_kind AND m.key = s.company_key "
            + " ".join(joins)
            + " WHERE s.key_kind = %(kind)s) f",
            kind=int(kind),
        )
        _run("ANALYZE picks")
        if {"email", "email_2"} <= self.person_columns:
            self._join_second_addresses(kind)

    def _join_second_addresses(self, kind: Key) -> None:
        """New rows of which one names as second address what the other has are one person: the first row's."""
        pairs = (
            "SELECT p.row_number, min(o.lead_id) AS lead_id FROM picks p JOIN staged_person s ON s.row_number = p.row_number"
            " JOIN staged_person t ON {on} AND t.row_number <> s.row_number JOIN picks o ON o.row_number = t.row_number"
            " WHERE p.is_new AND o.is_new AND p.key_kind = %(kind)s AND o.key_kind = %(kind)s AND o.lead_id < p.lead_id"
            " GROUP BY p.row_number"
        )
        joined = 0
        for _round in range(20):
            changed = sum(
                self.run(
                    f"UPDATE picks p SET lead_id = f.lead_id FROM ({pairs.format(on=on)}) f WHERE f.row_number = p.row_number",
                    kind=int(kind),
                )
                for on in ("t.email_2 = s.email AND s.email <> ''", "t.email = s.email_2 AND s.email_2 <> ''")
            )
            joined += changed
            if not changed:
                break
        if joined:
            self.run(
                "UPDATE picks p SET is_new = false FROM (SELECT lead_id, min(row_number) AS first FROM picks"
                " WHERE is_new AND key_kind = %(kind)s GROUP BY lead_id HAVING count(*) > 1) d"
                " WHERE p.lead_id = d.lead_id AND p.row_number <> d.first",
                kind=int(kind),
            )

    def _insert_people(self, kind: Key) -> None:
        has = self.person_columns.__contains__
        columns = {name: (f"s.{name}" if has(name) else "''") for name in _LEAD_TEXTS}
        columns |= {
            "kind": "'person'",
            "company_id": "p.company_id",
            "research": "'{}'::jsonb",
            "external_id": "s.external_id" if has("external_id") else "''",
            **self._common_columns("s", has),
        }
        names = ", ".join(columns)
        inserted = self.run(
            f"INSERT INTO leads_lead (id, {names}, content_hash) SELECT l.id, {', '.join('l.' + n for n in columns)}, {content_hash_sql()}"
            " FROM (SELECT p.lead_id AS id, "
            + ", ".join(f"{sql} AS {n}" for n, sql in columns.items())
            + " FROM picks p JOIN staged_person s ON s.row_number = p.row_number WHERE p.is_new AND p.key_kind = %(kind)s) l"
            " LEFT JOIN leads_company c ON c.id = l.company_id ORDER BY l.id ON CONFLICT DO NOTHING",
            kind=int(kind),
        )
        if not inserted:
            return
        for name, channel in self._addresses():
            self.run(
                "INSERT INTO leads_identity (lead_id, channel, address, is_primary, status, status_reason, created_at, updated_at)"
                f" SELECT p.lead_id, '{channel}', s.{name}, {self._is_primary(name)}, 'unknown', '', now(), now()"
                " FROM picks p JOIN staged_person s ON s.row_number = p.row_number"
                f" WHERE p.is_new AND p.key_kind = %(kind)s AND s.{name} <> '' ORDER BY p.lead_id ON CONFLICT DO NOTHING",
                kind=int(kind),
            )
        if kind != Key.NAME:
            self._repair_orphans(kind)

    def _is_primary(self, name: str) -> str:
        first = name.removesuffix("_2")
        return f"s.{first} = ''" if first != name and first in self.person_columns else "true"

    def _repair_orphans(self, kind: Key) -> None:
        """New leads that got no address (it went to another row, or to somebody's entry by hand) are that other lead."""
        matches = " UNION ALL ".join(
            f"SELECT o.row_number, i.lead_id FROM orphans o JOIN staged_person s ON s.row_number = o.row_number"
            f" JOIN leads_identity i ON i.channel = '{channel}' AND i.address = s.{name}"
            for name, channel in self._addresses()
        )
        condition = " OR ".join(f"s.{name} <> ''" for name, _channel in self._addresses())
        if not matches:
            return
        orphans = self.run(
            "CREATE TEMP TABLE orphans ON COMMIT DROP AS SELECT p.row_number, p.lead_id FROM picks p"
            " JOIN staged_person s ON s.row_number = p.row_number"
            f" WHERE p.is_new AND p.key_kind = %(kind)s AND ({condition})"
            " AND NOT EXISTS (SELECT 1 FROM leads_identity i WHERE i.lead_id = p.lead_id)",
            kind=int(kind),
        )
        if orphans:
            self.run("DELETE FROM leads_lead l USING orphans o WHERE l.id = o.lead_id AND l.external_id = ''")
            self.run(
                "UPDATE picks p SET lead_id = f.lead_id, is_new = false FROM"
                f" (SELECT row_number, min(lead_id) AS lead_id FROM ({matches}) a GROUP BY row_number) f"
                " WHERE p.row_number = f.row_number AND NOT EXISTS (SELECT 1 FROM leads_lead l WHERE l.id = p.lead_id)"
            )
        self.run("DROP TABLE orphans")

    def _update_people(self, kind: Key) -> None:
        has = self.person_columns.__contains__
        columns = {
            name: self._merged_text(f"l.{name}", f"s.{name}", name=_TOGETHER.get(name, f"lead {name}"))
            for name in _LEAD_TEXTS
            if has(name)
        }
        columns["company_id"] = (
            "coalesce(l.company_id, p.company_id)" if self.fills else "coalesce(p.company_id, l.company_id)"
        )
        if has("external_id"):
            columns["external_id"] = (
                "CASE WHEN l.external_id = '' AND l.source = %(source)s AND s.external_id <> '' AND NOT EXISTS (SELECT 1 FROM leads_lead o"
                " WHERE o.source = %(source)s AND o.external_id = s.external_id) THEN s.external_id ELSE l.external_id END"
            )
        columns |= self._merged_others("l", has)
        names = list(columns)
        hashed = content_hash_sql(lead="h")
        kept = [n for n in (*_LEAD_TEXTS, "tags", "attributes") if n not in columns]
        self.run(
            "WITH changed AS (UPDATE leads_lead t SET updated_at = now(), content_hash = n.content_hash, "
            + ", ".join(f"{n} = n.{n}" for n in names)
            + f" FROM (SELECT h.*, {hashed} AS content_hash FROM (SELECT l.id, l.research, "
            + "".join(f"l.{n}, " for n in kept)
            + ", ".join(f"{sql} AS {n}" for n, sql in columns.items())
            + " FROM (SELECT DISTINCT ON (lead_id) row_number, lead_id, company_id FROM picks"
            " WHERE NOT is_new AND key_kind = %(kind)s ORDER BY lead_id, row_number) p"
            " JOIN staged_person s ON s.row_number = p.row_number"
            " JOIN leads_lead l ON l.id = p.lead_id AND l.erased_at IS NULL"
            f" WHERE ({', '.join(columns.values())}) IS DISTINCT FROM ({', '.join('l.' + n for n in names)})) h"
            " LEFT JOIN leads_company c ON c.id = h.company_id) n WHERE t.id = n.id RETURNING t.id)"
            " UPDATE picks p SET is_changed = true FROM changed WHERE changed.id = p.lead_id AND p.key_kind = %(kind)s",
            kind=int(kind),
        )

    def _add_identities(self, kind: Key) -> None:
        for name, channel in self._addresses():
            self.run(
                "WITH added AS (INSERT INTO leads_identity (lead_id, channel, address, is_primary, status, status_reason,"
                f" created_at, updated_at) SELECT p.lead_id, '{channel}', s.{name}, NOT EXISTS (SELECT 1 FROM leads_identity i"
                f" WHERE i.lead_id = p.lead_id AND i.channel = '{channel}' AND i.is_primary), 'unknown', '', now(), now()"
                " FROM picks p JOIN staged_person s ON s.row_number = p.row_number"
                " JOIN leads_lead l ON l.id = p.lead_id AND l.erased_at IS NULL"
                f" WHERE NOT p.is_new AND p.key_kind = %(kind)s AND s.{name} <> '' AND NOT EXISTS ("
                f"SELECT 1 FROM leads_identity i WHERE i.channel = '{channel}' AND i.address = s.{name})"
                " ON CONFLICT DO NOTHING RETURNING lead_id)"
                " UPDATE picks p SET is_changed = true FROM added WHERE added.lead_id = p.lead_id AND p.key_kind = %(kind)s",
                kind=int(kind),
            )

    def _find_taken(self, kind: Key) -> None:
        keys = {Key.EMAIL: "email", Key.PHONE: "phone", Key.NETWORK: "network"}
        for name, channel in self._addresses():
            if keys.get(kind) == name:
                continue
            self.result.taken += [
                (line, name, address)
                for line, address in _rows(
                    f"SELECT s.row_number, s.{name} FROM picks p JOIN staged_person s ON s.row_number = p.row_number"
                    f" JOIN leads_identity i ON i.channel = '{channel}' AND i.address = s.{name}"
                    " WHERE p.key_kind = %(kind)s AND i.lead_id <> p.lead_id LIMIT 10000",
                    {"kind": int(kind)},
                )
            ]

    def refresh_hashes(self) -> None:
        """Leads of companies that changed look different to qualification."""
        if self.result.companies_updated:
            self.run(
                f"UPDATE leads_lead t SET content_hash = n.content_hash FROM (SELECT l.id, {content_hash_sql()} AS content_hash"
                " FROM company_map m JOIN leads_company c ON c.id = m.company_id JOIN leads_lead l ON l.company_id = c.id"
                " WHERE m.is_changed AND l.erased_at IS NULL) n WHERE t.id = n.id AND t.content_hash <> n.content_hash"
            )
