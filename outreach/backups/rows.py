"""Every row of the database, out and in, by Postgres' own COPY: no binaries are needed, of whatever version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import psycopg
from django.db import connection
from psycopg import sql

LEFT_OUT = ("jobs_heartbeat", "django_cache")
"""Of the moment, and of this installation."""
SESSION = (
    "SET LOCAL TIME ZONE 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';"
    " SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL synchronize_seqscans = off;"
    " SET LOCAL statement_timeout = 0"
)
"""What the text of a row depends on."""


@contextmanager
def snapshot() -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees one moment of the database, whatever is written meanwhile."""
    parameters = connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}
    with psycopg.connect(**parameters) as raw:
        raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        raw.read_only = True
        raw.execute(SESSION)
        yield raw


def tables(raw: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Columns that are stored, by table."""
    found = raw.execute(
        """
        SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0
          AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname <> ALL(%s)
        GROUP BY 1 ORDER BY 1
        """,
        [list(LEFT_OUT)],
    )
    return {name: list(columns) for name, columns in found}


def migrations(raw: psycopg.Connection[Any]) -> list[str]:
    """Applied migrations, as `app.name`."""
    return [row[0] for row in raw.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")]


def sequences(raw: psycopg.Connection[Any]) -> dict[str, int]:
    """Last value handed out, by sequence; those that were never used are left out."""
    found = raw.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()")
    return {name: value for name, value in found if value is not None}


def copy_out(raw: psycopg.Connection[Any], table: str, columns: list[str]) -> Iterator[bytes | bytearray | memoryview]:
    """The rows of `table` as text, in the order in which they lie."""
    with raw.cursor() as cursor, cursor.copy(_copy(table, columns, "TO STDOUT")) as copy:
        yield from copy


def copy_in(raw: psycopg.Connection[Any], table: str, columns: list[str], chunks: Iterable[bytes]) -> None:
    with raw.cursor() as cursor, cursor.copy(_copy(table, columns, "FROM STDIN")) as copy:
        for chunk in chunks:
            copy.write(chunk)


def empty(raw: psycopg.Connection[Any], names: Iterable[str]) -> None:
    """Delete the rows of all `names` together; nothing else may empty the audit trail."""
    with raw.transaction():
        raw.execute("SELECT set_config('outreach.restoring', 'yes', true)")
        raw.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(sql.Identifier(name) for name in names)))


def set_triggers(raw: psycopg.Connection[Any], state: Literal["ENABLE", "DISABLE"]) -> None:
    """Switch our own triggers, those of foreign keys aside: what they wrote once is among the rows that come back."""
    found = raw.execute(
        """
        SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
        """
    )
    for (table,) in found.fetchall():
        raw.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(table), sql.SQL(state)))


def set_sequences(raw: psycopg.Connection[Any], values: Mapping[str, int]) -> None:
    for name, value in values.items():
        raw.execute("SELECT setval(quote_ident(%s), %s)", [name, value])


def _copy(table: str, columns: list[str], direction: str) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    return sql.SQL("COPY {} ({}) {}").format(sql.Identifier(table), names, sql.SQL(direction))
