"""Whether the product lives and is ready to work."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from outreach.jobs import heartbeats
from outreach.jobs.policy import DEAD_BEAT, LANES


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `is_required` ones decide readiness."""

    name: str
    is_well: bool
    detail: str
    is_required: bool = True


def findings() -> list[Finding]:
    """Database, migrations and every lane."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        ages = heartbeats.ages()
    except DatabaseError as error:
        return [Finding("database", is_well=False, detail=str(error).strip().splitlines()[0])]
    rows = [
        Finding("database", is_well=True, detail="answers"),
        Finding(
            "migrations",
            is_well=not missing,
            detail=f"{len(missing)} are not applied: run `manage.py migrate`" if missing else "all applied",
        ),
    ]
    for lane in LANES:
        age = ages.get(f"lane:{lane}")
        rows.append(
            Finding(
                f"lane:{lane}",
                is_well=age is not None and age <= DEAD_BEAT.total_seconds() * 2,
                detail="never seen" if age is None else f"last beat {age:.0f} s ago",
                is_required=False,
            )
        )
    return rows


def is_ready(rows: list[Finding]) -> bool:
    """Whether requests can be served."""
    return all(row.is_well for row in rows if row.is_required)
