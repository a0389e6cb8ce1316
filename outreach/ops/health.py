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
from outreach.jobs.selectors import lane_rows
from outreach.ops.alerts import RULES


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
    """Database, migrations, every lane, and every process of any machine that went silent."""
    try:
        ensure_database()
        missing = shipped_migrations() - set(MigrationRecorder(connection).applied_migrations())
        lanes = lane_rows()
        beats = heartbeats.beats()
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
    for lane in lanes:
        serving = [beat for beat in lane.beats if beat.is_well]
        age = min((beat.age_seconds for beat in serving), default=0.0)
        detail = f"{len(serving)} processes, last beat {age:.0f} s ago" if serving else "no process serves it"
        rows.append(Finding(f"lane:{lane.name}", is_well=lane.is_well, detail=detail, is_required=False))
    rows += [
        Finding(
            f"{beat.name}@{beat.host}",
            is_well=False,
            detail=f"process {beat.pid} has been silent for {beat.age_seconds:.0f} s",
            is_required=False,
        )
        for beat in beats
        if not beat.is_well
    ]
    return rows


def watched() -> list[Finding]:
    """What the alert rules look at."""
    found = [(rule.name, rule.check()) for rule in RULES.entries()]
    return [Finding(name, is_well=not said, detail=said or "well", is_required=False) for name, said in found]


def is_ready(rows: list[Finding]) -> bool:
    """Whether requests can be served."""
    return all(row.is_well for row in rows if row.is_required)
