# ruff: noqa: S608  (names in these statements come from our own tables of fields, values are parameters)
"""What the upserts of companies and of people share: parameters, duplicates inside a file, the update rule in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from leads.imports.columns.cleaners import TAG_SEPARATOR
from leads.imports.upsert.fields import Table
from leads.imports.upsert.staging import Staging, fetch, run_sql

FILL_EMPTY = "fill_empty"
NEWEST = "newest"


@dataclass
class Upserted:
    """What an upsert did. Row counts are of rows in the file, company counts of companies."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    companies_created: int = 0
    companies_updated: int = 0
    companies_unchanged: int = 0
    taken: list[tuple[int, str, str]] = field(default_factory=list)
    """(line, field, address) of addresses that belong to another lead."""
    conflicts: set[tuple[int, int]] = field(default_factory=set)
    """(lead of the row, lead that the address belongs to): perhaps one person."""


class Upsert:
    """One upsert of what is staged, in the caller's transaction."""

    def __init__(
        self, staging: Staging, result: Upserted, *, batch_id: int, session_key: str, source: str, update_rule: str
    ) -> None:
        self.staging = staging
        self.company_columns = frozenset(staging.company_columns)
        self.person_columns = frozenset(staging.person_columns)
        self.is_newest = update_rule == NEWEST
        self.fills = update_rule == FILL_EMPTY or self.is_newest
        """Known values stay. Under "newest wins" they do unless the row is newer."""
        self.parameters = {
            "batch": batch_id, "session_key": session_key, "source": source, "separator": TAG_SEPARATOR, "kind": -1,
        }  # fmt: skip
        self.result = result

    def run(self, sql: str, **more: Any) -> int:
        return run_sql(sql, self.parameters | more)

    def collapse(self, table: str, columns: Iterable[str]) -> int:
        """Make one staged row of those with the same key: first value known wins, or the last one on overwrite."""
        groups = f"SELECT key_kind, key FROM {table} GROUP BY key_kind, key HAVING count(*) > 1"
        if not fetch(f"SELECT 1 FROM ({groups}) g LIMIT 1"):
            return 0
        order = "ASC" if self.fills else "DESC"
        names = list(columns)
        picked = ", ".join(
            f"coalesce((array_agg({n} ORDER BY row_number {order}) FILTER (WHERE {n} <> ''))[1], '') AS {n}"
            for n in names
        )
        run_sql(
            f"CREATE TEMP TABLE collapsed ON COMMIT DROP AS SELECT key_kind, key, min(row_number) AS first{', ' + picked if names else ''}"
            f" FROM {table} WHERE (key_kind, key) IN ({groups}) GROUP BY key_kind, key"
        )
        dropped = run_sql(
            f"DELETE FROM {table} s USING collapsed d WHERE d.key_kind = s.key_kind AND d.key = s.key AND s.row_number <> d.first"
        )
        assigned = ", ".join(f"{n} = d.{n}" for n in names)
        run_sql(f"UPDATE {table} s SET {assigned} FROM collapsed d WHERE s.row_number = d.first AND s.key = d.key")
        run_sql("DROP TABLE collapsed")
        return dropped

    def newer(self, table: Table, staged: frozenset[str]) -> str:
        """SQL of whether a row is newer than the record, or empty where that does not count."""
        return table.is_newer() if self.is_newest and "changed_at" in staged else ""

    def noted(self, model: str, old: str, names: Iterable[str]) -> tuple[str, str, str]:
        """SQL for the before-image: a column of the inner SELECT, what RETURNING adds, the statement that writes it."""
        names = list(names)
        pairs = ", ".join(f"'{n}', {old}.{n}" for n in names)
        after = ", ".join(f"'{n}', n.{n}" for n in names)
        differing = "(SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each({a}) e WHERE {b} -> e.key IS DISTINCT FROM e.value)"
        return (
            f"jsonb_build_object({pairs}) AS before_image",
            f"n.before_image, jsonb_build_object({after}) AS after_image",
            (
                "noted AS (INSERT INTO imports_change (batch_id, model, row_id, before, after)"
                f" SELECT %(batch)s, '{model}', id, {differing.format(a='before_image', b='after_image')},"
                f" {differing.format(a='after_image', b='before_image')} FROM changed WHERE before_image <> after_image)"
            ),
        )
