"""Whether the product is running and ready to work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from outreach.core.availability import ensure_database
from outreach.jobs import heartbeats
from outreach.jobs.policy import DEAD_BEAT, LANES


@dataclass(frozen=True)
class Finding:
    """One check. Those with `is_required` decide readiness."""

    name: str
    is_well: bool
    detail: str
    is_required: bool = True


@cache
def shipped_migrations() -> set[tuple[str, str]]:
    """(app label, name) of every migration of this release, without loading them all into a process that stays."""
    shipped = set()
    for config in apps.get_app_configs():
        module, _is_explicit = MigrationLoader.migrations_module(config.label)
        if module and find_spec(module):
            folder = import_module(module).__path__
            shipped |= {(config.label, found.name) for found in iter_modules(folder) if found.name[0] not in "_~"}
    return shipped


def findings() -> list[Finding]:
    """Database, migrations and every lane."""
    try:
        ensure_database()
        missing = shipped_migrations() - set(MigrationRecorder(connection).applied_migrations())
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
