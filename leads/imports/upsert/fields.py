# ruff: noqa: S608  (names in these statements come from the table below, values are parameters)
"""The one table of what an import writes into leads and companies, and the SQL that follows from it.

A staged cell is text; its column says what it becomes, and whether the update rule may replace what is known.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import models

from leads.models import Company, Lead


@dataclass(frozen=True)
class Column:
    """`kind`: text, tags, json, or the SQL type that the cell is cast to. Tags and json are added to, never replaced."""

    name: str
    kind: str = "text"
    is_key: bool = False
    """What records are recognised by: filled where empty, never overwritten."""
    follows: str = ""
    """The column that this one belongs to: whether it is known, and whether the file says something, is asked of that."""

    def staged(self) -> str:
        """The staged cell as a value of its column."""
        if self.kind == "tags":
            return f"CASE WHEN s.{self.name} = '' THEN '{{}}'::text[] ELSE string_to_array(s.{self.name}, %(separator)s) END"
        if self.kind == "json":
            return f"CASE WHEN s.{self.name} = '' THEN '{{}}'::jsonb ELSE s.{self.name}::jsonb END"
        return f"s.{self.name}" if self.kind == "text" else f"nullif(s.{self.name}, '')::{self.kind}"

    def absent(self) -> str:
        """The value of a new record when the file has no such column."""
        return {"text": "''", "tags": "'{}'::text[]", "json": "'{}'::jsonb"}.get(self.kind, f"NULL::{self.kind}")

    def updated(self, old: str, *, fills: bool, newer: str) -> str:
        """What a known record of alias `old` has afterwards. `newer` is SQL, or empty where dates do not count."""
        known, new = f"{old}.{self.name}", self.staged()
        if self.kind == "tags":
            added = f"string_to_array(s.{self.name}, %(separator)s)"
            return (
                f"CASE WHEN s.{self.name} = '' OR {known} @> {added} THEN {known}"
                f" ELSE {known} || ARRAY(SELECT t FROM unnest({added}) t WHERE t <> ALL ({known})) END"
            )
        if self.kind == "json":
            filled, replaced = f"s.{self.name}::jsonb || {known}", f"{known} || s.{self.name}::jsonb"
            both = f"CASE WHEN {newer} THEN {replaced} ELSE {filled} END" if newer else filled if fills else replaced
            return f"CASE WHEN s.{self.name} = '' THEN {known} ELSE {both} END"
        leader = self.follows or self.name
        nothing = f"{old}.{leader} = ''" if self.kind == "text" else f"{old}.{leader} IS NULL"
        if newer and not self.is_key:
            return f"CASE WHEN s.{leader} <> '' AND ({nothing} OR {newer}) THEN {new} ELSE {known} END"
        if fills or self.is_key:
            return f"CASE WHEN {nothing} THEN {new} ELSE {known} END"
        return f"CASE WHEN s.{leader} = '' THEN {known} ELSE {new} END"


@dataclass(frozen=True)
class Table:
    """One model: its columns in the file, and the alias that statements give to its rows."""

    model: type[models.Model]
    alias: str
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def inserted(self, staged: Collection[str]) -> dict[str, str]:
        """Column → SQL of a new record; `staged` are the columns that the file has."""
        return {c.name: c.staged() if c.name in staged else c.absent() for c in self.columns} | {
            "as_of_at": "nullif(s.changed_at, '')::timestamptz" if "changed_at" in staged else "NULL::timestamptz",
            "source": "%(source)s",
            "session_key": "%(session_key)s",
            "batch_id": "%(batch)s",
            "created_at": "now()",
            "updated_at": "now()",
        }

    def updated(self, staged: Collection[str], *, fills: bool, newer: str) -> dict[str, str]:
        """Column → SQL of a known record after the update rule; only of columns that the file has."""
        columns = {c.name: c.updated(self.alias, fills=fills, newer=newer) for c in self.columns if c.name in staged}
        if newer:
            columns["as_of_at"] = f"CASE WHEN {newer} THEN s.changed_at::timestamptz ELSE {self.alias}.as_of_at END"
        return columns

    def is_newer(self) -> str:
        """Whether the row's date is after that of the facts, or of the last edit."""
        known = f"coalesce({self.alias}.as_of_at, {self.alias}.updated_at)"
        return f"coalesce(nullif(s.changed_at, '')::timestamptz > {known}, false)"


def _texts(names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names.split())


_LISTS = (Column("tags", "tags"), Column("attributes", "json"))
LEAD = Table(
    Lead,
    "l",
    _texts(
        "first_name last_name full_name name_key title title_key description url country region city postal_code time_zone"
        " language status external_id"
    )
    + _LISTS,
)
COMPANY = Table(
    Company,
    "c",
    (
        *_texts("name name_key domain website city industry segment phone status research_text"),
        *(Column(name, is_key=True) for name in ("country", "tax_id", "registration_number", "external_id")),
        Column("is_sme", "boolean"),
        Column("employee_count", "integer"),
        Column("employee_count_max", "integer", follows="employee_count"),
        *_LISTS,
    ),
)
