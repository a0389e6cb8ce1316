# ruff: noqa: S608  (names in these statements come from our own tables of fields, values are parameters)
"""Staged people into the tables, in rounds from the strongest key to the weakest, with their addresses.

Needs `company_map`, so it runs after the companies.
"""

from __future__ import annotations

from collections import Counter

from leads.hashing import content_hash_sql
from leads.imports.columns.rows import Key
from leads.imports.upsert.base import Upsert
from leads.imports.upsert.fields import LEAD
from leads.imports.upsert.staging import fetch, run_sql

MOST_CLAIMS = 2
"""An address that more people of a file claim is a switchboard's or a shared mailbox: it says nothing about who is who."""

ROUNDS = (Key.EXTERNAL_ID, Key.EMAIL, Key.PHONE, Key.NETWORK, Key.NAME)
CHANNELS = {"email": "email", "email_2": "email", "phone": "sms", "phone_2": "sms", "network": "network"}
_COUNTRY = "coalesce(nullif(s.country, ''), s.country_default)"
"""The row's country, else the one of the company or of the whole file: that one never overwrites."""


class PersonUpsert(Upsert):
    """Fills `picks`: which staged row is which lead."""

    def people(self) -> None:
        self.result.duplicates = self.collapse("staged_person", self.staging.person_columns)
        for kind in ROUNDS:
            if kind in self.staging.person_kinds:
                self._match_people(kind)
                self._insert_people(kind)
                self._update_people(kind)
                self._add_identities(kind)
                self._find_taken(kind)
        created, updated, total = fetch(
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_changed AND NOT is_new), count(*) FROM picks"
        )[0]
        self.result.created, self.result.updated = created, updated
        self.result.unchanged = total - created - updated

    def _addresses(self) -> list[tuple[str, str]]:
        return [
            (name, channel)
            for name, channel in CHANNELS.items()
            if name in self.person_columns and self.staging.has_second.get(name, True)
        ]

    def _match_people(self, kind: Key) -> None:
        found, joins = [], []
        if "external_id" in self.person_columns:
            joins.append(
                "LEFT JOIN leads_lead x ON x.source = %(source)s AND x.external_id = s.external_id AND x.external_id <> ''"
            )
            found.append("coalesce(x.merged_into_id, x.id)")
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
                "LEFT JOIN LATERAL (SELECT coalesce(l.merged_into_id, l.id) AS id FROM leads_lead l"
                " WHERE l.name_key = s.name_key AND l.company_id = m.company_id"
                " AND (l.erased_at IS NULL OR l.merged_into_id IS NOT NULL) ORDER BY l.erased_at NULLS FIRST, l.id LIMIT 1) n ON true"
            )
            found.append("n.id")
        self.run(
            "INSERT INTO picks (row_number, key_kind, lead_id, company_id, is_new) SELECT row_number, key_kind,"
            " coalesce(found, nextval(pg_get_serial_sequence('leads_lead', 'id'))), company_id, found IS NULL FROM ("
            f"SELECT s.row_number, s.key_kind, coalesce({', '.join(found)}, NULL) AS found, m.company_id FROM staged_person s"
            " LEFT JOIN company_map m ON m.key_kind = s.company_kind AND m.key = s.company_key "
            + " ".join(joins)
            + " WHERE s.key_kind = %(kind)s ORDER BY s.row_number) f",  # new people are numbered as the file lists them
            kind=int(kind),
        )
        run_sql("ANALYZE picks")
        if self.staging.has_second["email_2"]:
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
        columns = LEAD.inserted(self.person_columns) | {
            "country": _COUNTRY,
            "kind": "'person'",
            "company_id": "p.company_id",
            "research": "'{}'::jsonb",
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
                f" SELECT p.lead_id, '{channel}', s.{name}, {self._is_primary(name)}, {self._status(name)}, now(), now()"
                " FROM picks p JOIN staged_person s ON s.row_number = p.row_number"
                f" WHERE p.is_new AND p.key_kind = %(kind)s AND s.{name} <> '' ORDER BY p.lead_id ON CONFLICT DO NOTHING",
                kind=int(kind),
            )
        if kind != Key.NAME:
            self._repair_orphans(kind)

    def _is_primary(self, name: str) -> str:
        first = name.removesuffix("_2")
        return f"s.{first} = ''" if first != name and first in self.person_columns else "true"

    def _status(self, name: str) -> str:
        """Status and reason of a new address: shared and throw-away mailboxes are risky."""
        if f"{name}_risk" not in self.person_columns:
            return "'unknown', ''"
        return f"CASE WHEN s.{name}_risk = '' THEN 'unknown' ELSE 'risky' END, s.{name}_risk"

    def _repair_orphans(self, kind: Key) -> None:
        """New leads whose address went to another row or a manual entry are merged into that lead."""
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
        newer = self.newer(LEAD, self.person_columns)
        columns = LEAD.updated(self.person_columns, fills=self.fills, newer=newer)
        columns["country"] = (
            f"CASE WHEN l.country = '' THEN {_COUNTRY} ELSE l.country END"
            if self.fills
            else f"coalesce(nullif(s.country, ''), nullif(l.country, ''), {_COUNTRY})"
        )
        kept, replaced = "coalesce(l.company_id, p.company_id)", "coalesce(p.company_id, l.company_id)"
        columns["company_id"] = kept if self.fills else replaced
        if newer:
            columns["company_id"] = f"CASE WHEN {newer} THEN {replaced} ELSE {kept} END"
            columns["country"] = (
                f"CASE WHEN l.country = '' THEN {_COUNTRY} WHEN {newer} AND s.country <> '' THEN s.country ELSE l.country END"
            )
        if has("external_id"):
            columns["external_id"] = (
                "CASE WHEN l.external_id = '' AND l.source = %(source)s AND s.external_id <> '' AND NOT EXISTS (SELECT 1 FROM leads_lead o"
                " WHERE o.source = %(source)s AND o.external_id = s.external_id) THEN s.external_id ELSE l.external_id END"
            )
        names = list(columns)
        before, returned, noted = self.noted("lead", "l", names)
        hashed = content_hash_sql(lead="h")
        untouched = [n for n in LEAD.names if n not in columns]
        self.run(
            "WITH changed AS (UPDATE leads_lead t SET updated_at = now(), content_hash = n.content_hash, "
            + ", ".join(f"{n} = n.{n}" for n in names)
            + f" FROM (SELECT h.*, {hashed} AS content_hash FROM (SELECT l.id, l.research, {before}, "
            + "".join(f"l.{n}, " for n in untouched)
            + ", ".join(f"{sql} AS {n}" for n, sql in columns.items())
            + " FROM (SELECT DISTINCT ON (lead_id) row_number, lead_id, company_id FROM picks"
            " WHERE NOT is_new AND key_kind = %(kind)s ORDER BY lead_id, row_number) p"
            " JOIN staged_person s ON s.row_number = p.row_number"
            " JOIN leads_lead l ON l.id = p.lead_id AND l.erased_at IS NULL"
            f" WHERE ({', '.join(columns.values())}) IS DISTINCT FROM ({', '.join('l.' + n for n in names)})) h"
            f" LEFT JOIN leads_company c ON c.id = h.company_id) n WHERE t.id = n.id RETURNING t.id, {returned}), {noted}"
            " UPDATE picks p SET is_changed = true FROM changed WHERE changed.id = p.lead_id AND p.key_kind = %(kind)s",
            kind=int(kind),
        )

    def _add_identities(self, kind: Key) -> None:
        for name, channel in self._addresses():
            self.run(
                "WITH added AS (INSERT INTO leads_identity (lead_id, channel, address, is_primary, status, status_reason,"
                f" created_at, updated_at) SELECT p.lead_id, '{channel}', s.{name}, NOT EXISTS (SELECT 1 FROM leads_identity i"
                f" WHERE i.lead_id = p.lead_id AND i.channel = '{channel}' AND i.is_primary), {self._status(name)}, now(), now()"
                " FROM picks p JOIN staged_person s ON s.row_number = p.row_number"
                " JOIN leads_lead l ON l.id = p.lead_id AND l.erased_at IS NULL"
                f" WHERE NOT p.is_new AND p.key_kind = %(kind)s AND s.{name} <> '' AND NOT EXISTS ("
                f"SELECT 1 FROM leads_identity i WHERE i.channel = '{channel}' AND i.address = s.{name})"
                " ON CONFLICT DO NOTHING RETURNING id, lead_id), noted AS (INSERT INTO imports_change"
                " (batch_id, model, row_id, lead_id, before, after)"
                " SELECT %(batch)s, 'identity', id, lead_id, '{}'::jsonb, '{}'::jsonb FROM added)"
                " UPDATE picks p SET is_changed = true FROM added WHERE added.lead_id = p.lead_id AND p.key_kind = %(kind)s",
                kind=int(kind),
            )

    def _find_taken(self, kind: Key) -> None:
        keys = {Key.EMAIL: "email", Key.PHONE: "phone", Key.NETWORK: "network"}
        for name, channel in self._addresses():
            if keys.get(kind) == name:
                continue
            taken = fetch(
                f"SELECT s.row_number, s.{name}, p.lead_id, i.lead_id FROM picks p JOIN staged_person s ON s.row_number = p.row_number"
                f" JOIN leads_identity i ON i.channel = '{channel}' AND i.address = s.{name}"
                " WHERE p.key_kind = %(kind)s AND i.lead_id <> p.lead_id LIMIT 10000",
                {"kind": int(kind)},
            )
            self.result.taken += [(line, name, address) for line, address, _lead, _owner in taken]
            claims = Counter(address for _line, address, _lead, _owner in taken)
            self.result.conflicts |= {
                (lead, owner) for _line, address, lead, owner in taken if claims[address] <= MOST_CLAIMS
            }
