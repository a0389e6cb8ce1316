"""Run the two statements of the hot path prepared: planning the gate's many checks anew costs more than running them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection


def fetch_one(sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row of `sql`, in the open transaction or, without one, committed when this returns."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters, prepare=True if settings.USE_DATABASE_CLOCK else None)  # type: ignore[arg-type]
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def require_autocommit() -> None:
    """Raise when a transaction is open (those of tests excepted): what comes next must be committed when it returns."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("The gate commits by itself and cannot be part of a transaction.")
