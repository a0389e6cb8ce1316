"""Periodic work: each planned moment of each schedule runs once, on any number of machines, and never over itself."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from outreach.core.errors import Invalid, OutreachError
from outreach.core.words import gettext as _
from outreach.jobs.models import PeriodicRun, SchedulePause
from outreach.jobs.running import resolve
from outreach.jobs.schedules import Schedule
from outreach.jobs.services import enqueue

logger = structlog.get_logger(__name__)

RUNS_KEPT = timedelta(days=7)
FREQUENT_RUNS_KEPT = timedelta(hours=1)
FREQUENT_SECONDS = 60


@cache
def schedules() -> dict[str, Schedule]:
    """All schedules by name, from the table of each wing."""
    rows = [row for wing in settings.WINGS for row in import_module(f"{wing}.schedules").SCHEDULES]
    by_name = {row.name: row for row in rows}
    if len(by_name) != len(rows):
        raise ValueError("two schedules have the same name")
    return by_name


def planned_moment(schedule: Schedule, now: datetime) -> datetime:
    """The latest planned moment: multiples of the interval since the epoch, so that all machines agree."""
    seconds = int(now.timestamp()) // schedule.every_seconds * schedule.every_seconds
    return datetime.fromtimestamp(seconds, tz=UTC)


def plan_due(now: datetime) -> int:
    """Plan every schedule's latest moment unless that was done already; returns how many were planned here."""
    paused = set(SchedulePause.objects.values_list("name", flat=True))
    return sum(_plan(s, planned_moment(s, now)) for s in schedules().values() if s.name not in paused)


def _plan(schedule: Schedule, planned_at: datetime) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_periodicrun (name, planned_at, started_at, outcome, error)"
            " VALUES (%s, %s, now(), '', '') ON CONFLICT DO NOTHING",
            [schedule.name, planned_at],
        )
        if not cursor.rowcount:
            return False
        enqueue(
            "outreach.jobs.tasks.run_scheduled",
            schedule.name,
            planned_at.isoformat(),
            lane=schedule.lane,
            key=f"schedule:{schedule.name}",
        )
    return True


@contextmanager
def exclusive(name: str) -> Iterator[bool]:
    """An advisory lock on `name` for the length of the block; False when it is held elsewhere."""
    number = zlib.crc32(name.encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(7, %s::int)", [number - 2**31])
        held = bool(cursor.fetchone()[0])
        try:
            yield held
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(7, %s::int)", [number - 2**31])


def run(name: str, planned_at: str) -> None:
    """Run one planned moment; skipped when the one before still runs."""
    schedule = schedules().get(name)
    if schedule is None:
        return
    with exclusive(f"schedule:{name}") as held:
        if not held:
            PeriodicRun.objects.filter(name=name, planned_at=planned_at).update(
                outcome=_("The previous run hasn't finished yet")
            )
            return
        error = ""
        outcome = None
        try:
            outcome = resolve(schedule.task)()
        except OutreachError as fault:
            error = fault.reason
        except Exception as fault:
            error = f"{type(fault).__name__}: {fault}"
            logger.exception("scheduled work failed", schedule=name)
        PeriodicRun.objects.filter(name=name, planned_at=planned_at).update(
            finished_at=Now(), outcome=outcome or "", error=error[:4000]
        )


def prune() -> None:
    """Delete old runs; those of frequent schedules after an hour."""
    frequent = [s.name for s in schedules().values() if s.every_seconds < FREQUENT_SECONDS]
    PeriodicRun.objects.filter(planned_at__lt=Now() - RUNS_KEPT).delete()
    PeriodicRun.objects.filter(name__in=frequent, planned_at__lt=Now() - FREQUENT_RUNS_KEPT).delete()


def toggle_schedule(*, name: str, user_id: int | None) -> bool:
    """Pause a schedule, or resume it. Returns whether it is paused now. Raises `Invalid` for an unknown name."""
    _known_schedule(name)
    deleted, _rows = SchedulePause.objects.filter(name=name).delete()
    if not deleted:
        SchedulePause.objects.create(name=name, paused_by_id=user_id)
    return not deleted


def run_schedule_now(*, name: str) -> None:
    """Wake a schedule's task outside its plan."""
    schedule = _known_schedule(name)
    enqueue(schedule.task, lane=schedule.lane, key=f"now:{name}")


def _known_schedule(name: str) -> Schedule:
    if name not in schedules():
        raise Invalid("name", _("There is no schedule “%(name)s”.") % {"name": name})
    return schedules()[name]
