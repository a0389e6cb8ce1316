"""Run the statements of hot paths prepared: planning the gate's many checks takes seven times as long as running them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
import psycopg.rows
from django.conf import settings
from django.db import connection

PREPARE_AT = 1
"""Prepared on the second run on a connection."""


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
    raw.prepare_threshold = PREPARE_AT if settings.USE_DATABASE_CLOCK else None
    try:
        with connection.wrap_database_errors, psycopg.Cursor(raw, row_factory=factory) as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()
    finally:
        raw.prepare_threshold = None  # as Django wants it for its own cursors


def fetch_one(sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row of `sql`, likewise."""
    rows = fetch_all(sql, parameters)
    return rows[0] if rows else None


def require_autocommit() -> None:
    """Raise when a transaction is open (those of tests excepted): what comes next must be committed when it returns."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("The gate commits by itself and cannot be part of a transaction.")
