# ruff: noqa: S608  (names in these statements come from our own tables of fields, values are parameters)
"""What the merges of companies and of people share: parameters, duplicates inside a file, the update rule in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from leads.imports.columns.rows import TAG_SEPARATOR
from leads.imports.upsert.staging import Staging, fetch, run_sql

FILL_EMPTY = "fill_empty"
NEWEST = "newest"
_FIXED = frozenset({"tax_id", "registration_number", "country", "external_id"})
"""What companies are recognised by: filled where empty, never overwritten."""
TOGETHER = {"name_key": "name", "title_key": "title"}


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
    conflicts: set[tuple[int, int]] = field(default_factory=set)
    """(lead of the row, lead that the address belongs to): perhaps one person."""


class Merging:
    """One merge of what is staged, in the caller's transaction."""

    def __init__(
        self, staging: Staging, result: Merged, *, batch_id: int, session_key: str, source: str, update_rule: str
    ) -> None:
        self.staging = staging
        self.company_columns = frozenset(staging.company_columns)
        self.person_columns = frozenset(staging.person_columns)
        self.is_newest = update_rule == NEWEST
        self.fills = update_rule == FILL_EMPTY or self.is_newest
        """Known values stay. Under "newest wins" they do unless the row is newer."""
        self.newer = ""
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

    def common_columns(self, alias: str, has: Any) -> dict[str, str]:
        return {
            "tags": f"CASE WHEN {alias}.tags = '' THEN '{{}}'::text[] ELSE string_to_array({alias}.tags, %(separator)s) END"
            if has("tags")
            else "'{}'::text[]",
            "attributes": f"CASE WHEN {alias}.attributes = '' THEN '{{}}'::jsonb ELSE {alias}.attributes::jsonb END"
            if has("attributes")
            else "'{}'::jsonb",
            "as_of_at": f"nullif({alias}.changed_at, '')::timestamptz" if has("changed_at") else "NULL::timestamptz",
            "source": "%(source)s",
            "session_key": "%(session_key)s",
            "batch_id": "%(batch)s",
            "created_at": "now()",
            "updated_at": "now()",
        }

    def compare_dates(self, old: str, has: Any) -> None:
        """Settle what "newer" means for the table `old`: the row's date after that of the facts, or of the last edit."""
        self.newer = ""
        if self.is_newest and has("changed_at"):
            self.newer = (
                f"coalesce(nullif(s.changed_at, '')::timestamptz > coalesce({old}.as_of_at, {old}.updated_at), false)"
            )

    def as_of_column(self, old: str) -> dict[str, str]:
        """The date of the facts after an update."""
        if not self.newer:
            return {}
        return {"as_of_at": f"CASE WHEN {self.newer} THEN s.changed_at::timestamptz ELSE {old}.as_of_at END"}

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

    def merged_text(self, old: str, new: str, *, name: str) -> str:
        """SQL of a text column after the update rule."""
        if name not in _FIXED and self.newer:
            return f"CASE WHEN {new} <> '' AND ({old} = '' OR {self.newer}) THEN {new} ELSE {old} END"
        if self.fills or name in _FIXED:
            return f"CASE WHEN {old} = '' THEN {new} ELSE {old} END"
        return f"CASE WHEN {new} = '' THEN {old} ELSE {new} END"

    def merged_others(self, old: str, has: Any) -> dict[str, str]:
        columns = {}
        if has("tags"):
            added = "string_to_array(s.tags, %(separator)s)"
            columns["tags"] = (
                f"CASE WHEN s.tags = '' OR {old}.tags @> {added} THEN {old}.tags"
                f" ELSE {old}.tags || ARRAY(SELECT t FROM unnest({added}) t WHERE t <> ALL ({old}.tags)) END"
            )
        if has("attributes"):
            filled = f"s.attributes::jsonb || {old}.attributes"
            replaced = f"{old}.attributes || s.attributes::jsonb"
            both = filled if self.fills else replaced
            if self.newer:
                both = f"CASE WHEN {self.newer} THEN {replaced} ELSE {filled} END"
            columns["attributes"] = f"CASE WHEN s.attributes = '' THEN {old}.attributes ELSE {both} END"
        return columns
