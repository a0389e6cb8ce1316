"""Cohorts: people by the week or month of their first message, and how many had answered n weeks later."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from django.db.models import Exists, Min, OuterRef, Q, Sum

from campaigns import counts
from campaigns.models import Outcome
from campaigns.reports.lines import midnight
from campaigns.rollups.cells import WEEKS as WEEKS
from campaigns.rollups.cells import answered_by
from campaigns.rollups.models import EVERYTHING, DayCount, Zone

KINDS = (Outcome.Kind.REPLIED, Outcome.Kind.POSITIVE, Outcome.Kind.BOOKED)
UNITS = ("week", "month")
SHOWN = 12
"""Cohorts on the page, the present one included."""
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Cohort:
    """People who heard from a campaign first in one week or month."""

    begins: date
    ends: date
    """Its last day."""
    people: int
    answered: tuple[int | None, ...]
    """By the end of week 1, 2, … after the first message; None as long as not everyone has had that long."""


@dataclass
class _Day:
    """People whose first message left on one day, and how many of them answered in week 0, 1, … after it."""

    people: int = 0
    answers: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def cohorts(
    *, kind: str, unit: str, now: datetime, zone: tzinfo, campaign_id: int | None = None, kept: Zone | None = None
) -> list[Cohort]:
    """The latest cohorts, the oldest first; those without anyone are left out.

    Read from the rollups of `kept`, two queries whatever the number of people; else from the raw rows.
    """
    begins = [_start(now.astimezone(zone).date(), unit)]
    while len(begins) < SHOWN:
        begins.insert(0, _start(begins[0] - timedelta(days=1), unit))
    days = _kept(kept, kind, begins[0], campaign_id) if kept else _raw(kind, begins[0], zone, campaign_id)
    people: dict[date, int] = defaultdict(int)
    answers: dict[date, list[int]] = defaultdict(lambda: [0] * WEEKS)
    for day, found in days.items():
        begin = _start(day, unit)
        people[begin] += found.people
        for week, n in found.answers.items():
            for later in range(week, WEEKS):
                answers[begin][later] += n
    return [
        Cohort(
            begin,
            _next(begin, unit) - timedelta(days=1),
            people[begin],
            _had_time(answers[begin], _next(begin, unit), now, zone),
        )
        for begin in begins
        if people[begin]
    ]


def _kept(zone: Zone, kind: str, since: date, campaign_id: int | None) -> dict[date, _Day]:
    rows = DayCount.objects.filter(zone=zone, campaign=campaign_id or EVERYTHING, day__gte=since, before=date.min)
    rows = rows.order_by()
    days: dict[date, _Day] = defaultdict(_Day)
    for day, n in rows.filter(dimension="").values_list("day").annotate(Sum("contacted")):
        days[day].people = n
    for day, week, n in rows.filter(dimension=answered_by(kind)).values_list("day", "key").annotate(Sum("contacted")):
        days[day].answers[int(week)] = n
    return days


def _raw(kind: str, since: date, zone: tzinfo, campaign_id: int | None) -> dict[date, _Day]:
    days: dict[date, _Day] = defaultdict(_Day)
    for first, answered_at in _first_messages(kind, midnight(since, zone), campaign_id):
        day = days[first.astimezone(zone).date()]
        day.people += 1
        if answered_at is not None and (week := max(0, (answered_at - first) // WEEK)) < WEEKS:
            day.answers[week] += 1
    return days


def _first_messages(kind: str, since: datetime, campaign_id: int | None) -> list[tuple[datetime, datetime | None]]:
    """Of everyone first written to since then: (first message, first answer)."""
    sent = counts.sent_messages()
    if campaign_id:
        sent = sent.filter(draft__candidate__campaign=campaign_id)
    earlier = counts.sent_messages().filter(draft__candidate=OuterRef("draft__candidate"), sent_at__lt=since)
    answer = Min("draft__candidate__outcomes__occurred_at", filter=Q(draft__candidate__outcomes__kind=kind))
    rows = sent.filter(~Exists(earlier), sent_at__gte=since).values_list("draft__candidate")
    return [(first, at) for _candidate, first, at in rows.annotate(first=Min("sent_at"), at=answer)]


def _start(day: date, unit: str) -> date:
    return day - timedelta(days=day.weekday()) if unit == "week" else day.replace(day=1)


def _next(begin: date, unit: str) -> date:
    return begin + WEEK if unit == "week" else _start(begin + timedelta(days=32), unit)


def _had_time(answered: list[int], after: date, now: datetime, zone: tzinfo) -> tuple[int | None, ...]:
    last = midnight(after, zone)
    return tuple(n if last + (week + 1) * WEEK <= now else None for week, n in enumerate(answered))
