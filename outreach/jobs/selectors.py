"""Queries for the pages of this room."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from outreach.jobs import periodic
from outreach.jobs.models import Job, PeriodicRun, QueueItem, SchedulePause
from outreach.jobs.policy import DEAD_BEAT, LANES
from outreach.jobs.schedules import Schedule


def job_page(*, state: str = "", before: int | None = None, limit: int) -> list[Job]:
    """Jobs by descending id, keyset by `before`."""
    rows = Job.objects.select_related("started_by").order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule, whether it is paused, and its latest run."""

    schedule: Schedule
    is_paused: bool
    run: PeriodicRun | None


def schedule_rows() -> list[ScheduleRow]:
    """All schedules by name."""
    paused = set(SchedulePause.objects.values_list("name", flat=True))
    latest = {run.name: run for run in PeriodicRun.objects.order_by("name", "-planned_at").distinct("name")}
    return [
        ScheduleRow(schedule, name in paused, latest.get(name))
        for name, schedule in sorted(periodic.schedules().items())
    ]


@dataclass(frozen=True)
class LaneRow:
    """A lane's last heartbeat and what is waiting in it."""

    name: str
    age_seconds: float | None
    is_well: bool
    waiting_count: int
    dead_count: int


def lane_rows(ages: dict[str, float]) -> list[LaneRow]:
    """All lanes, in their order."""
    grouped = QueueItem.objects.values_list("lane", "is_dead").annotate(count=Count("id")).order_by()
    counts = {(lane, is_dead): count for lane, is_dead, count in grouped}
    rows = []
    for lane in LANES:
        age = ages.get(f"lane:{lane}")
        is_well = age is not None and age <= 2 * DEAD_BEAT.total_seconds()
        rows.append(LaneRow(lane, age, is_well, counts.get((lane, False), 0), counts.get((lane, True), 0)))
    return rows
