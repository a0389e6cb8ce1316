"""What the operations page shows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

from outreach.ops import figures


@dataclass(frozen=True)
class Slow:
    """A kind of statement that takes time: calls, mean and total."""

    query: str
    calls: int
    mean_ms: float
    total_seconds: float


@dataclass(frozen=True)
class Running:
    """A statement that has been running for a while."""

    query: str
    seconds: float
    state: str


def slow_queries(limit: int = 8) -> list[Slow] | None:
    """The statements that took most time, by `pg_stat_statements`; None where the extension is not there."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT left(query, 300), calls, mean_exec_time, total_exec_time / 1000 FROM pg_stat_statements s"
                " JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()"
                " ORDER BY total_exec_time DESC LIMIT %s",
                [limit],
            )
            return [Slow(*row) for row in cursor.fetchall()]
    except DatabaseError:
        return None


def running_queries(longer_than_seconds: int = 5, limit: int = 8) -> list[Running]:
    """What has been running for longer, or holds a transaction open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT left(query, 300), extract(epoch FROM now() - xact_start), state FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND xact_start < now() - make_interval(secs => %s) ORDER BY xact_start LIMIT %s",
            [longer_than_seconds, limit],
        )
        return [Running(query, float(seconds), state or "") for query, seconds, state in cursor.fetchall()]


@dataclass(frozen=True)
class Numbers:
    """One figure as a small table."""

    title: str
    rows: list[tuple[str, float]]


def numbers() -> list[Numbers]:
    """The figures that have a title."""
    return [
        Numbers(
            str(figure.title),
            [
                (" · ".join(str(figure.words(value)) for value in values), number)
                for values, number in figures.rows(figure)
            ],
        )
        for figure in figures.FIGURES.entries()
        if figure.title
    ]
