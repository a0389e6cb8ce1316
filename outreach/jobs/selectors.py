"""Queries for the pages of this room."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext_lazy

from outreach.core import dates
from outreach.jobs import heartbeats, periodic
from outreach.jobs.heartbeats import Beat
from outreach.jobs.models import Job, PeriodicRun, QueueItem, SchedulePause
from outreach.jobs.policy import LANES
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

    @property
    def every(self) -> str:
        """How often, in words."""
        return dates.span(self.schedule.every_seconds)


def schedule_rows() -> list[ScheduleRow]:
    """All schedules by name."""
    paused = set(SchedulePause.objects.values_list("name", flat=True))
    latest = {run.name: run for run in PeriodicRun.objects.order_by("name", "-planned_at").distinct("name")}
    return [
        ScheduleRow(schedule, name in paused, latest.get(name))
        for name, schedule in sorted(periodic.schedules().items())
    ]


LANE_LABELS = {
    "default": gettext_lazy("General work"),
    "email": gettext_lazy("E-mail"),
    "sms": gettext_lazy("SMS"),
    "web": gettext_lazy("Web"),
    "llm": gettext_lazy("Models"),
}


@dataclass(frozen=True)
class LaneRow:
    """The processes that serve a lane on all machines, and what is waiting in it."""

    name: str
    beats: list[Beat]
    waiting_count: int
    dead_count: int

    @property
    def label(self) -> str:
        """Its name, for people."""
        return str(LANE_LABELS.get(self.name, self.name))

    @property
    def is_well(self) -> bool:
        """Whether at least one machine serves it."""
        return any(beat.is_well for beat in self.beats)


def lane_rows() -> list[LaneRow]:
    """All lanes, in their order."""
    grouped = QueueItem.objects.values_list("lane", "is_dead").annotate(count=Count("id")).order_by()
    counts = {(lane, is_dead): count for lane, is_dead, count in grouped}
    beats = heartbeats.beats()
    return [
        LaneRow(
            lane,
            [beat for beat in beats if beat.name == f"lane:{lane}"],
            counts.get((lane, False), 0),
            counts.get((lane, True), 0),
        )
        for lane in LANES
    ]
