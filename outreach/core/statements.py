"""Runs statements of hot paths prepared: planning the gate's many checks takes seven times as long as running them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import psycopg
import psycopg.rows
from django.db import connection

PREPARE_AT = 1
"""Prepared on the second run on a connection: the gate's query takes 1.3 ms then, and 4.0 ms when it is planned every time.
Not behind a pooler of transactions, where the next run may be on another one."""
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


def fetch_all(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of `sql`, in the open transaction or, without one, committed when this returns."""
    return _run(sql, parameters, psycopg.rows.tuple_row)


def fetch_named(sql: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The first row of `sql` by the names of its columns, likewise. There must be one."""
    found: dict[str, Any] = _run(sql, parameters, psycopg.rows.dict_row)[0]
    return found


def _run(sql: str, parameters: Mapping[str, Any], factory: Any) -> list[Any]:
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = None if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS") else PREPARE_AT
    try:
        numbered, names = _numbered(sql)
        with connection.wrap_database_errors, psycopg.RawCursor(raw, row_factory=factory) as cursor:
            cursor.execute(numbered, [parameters[name] for name in names])
            return cursor.fetchall()
    finally:
        raw.prepare_threshold = None  # as Django wants it for its own cursors


@lru_cache(maxsize=64)
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """`sql` with `$1` in place of `%(name)s`, and the names in their order.

    The driver would take a statement apart at every run once it is longer than 4,096 characters.
    """
    names: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        name = found[1]
        return f"${names.setdefault(name, len(names) + 1)}" if name else "%"

    return _PLACEHOLDER.sub(place, sql), tuple(names)


def fetch_one(sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row of `sql`, likewise."""
    rows = fetch_all(sql, parameters)
    return rows[0] if rows else None


def require_autocommit() -> None:
    """Raise when a transaction is open (those of tests excepted): what comes next must be committed when it returns."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("The gate commits by itself and cannot be part of a transaction.")
