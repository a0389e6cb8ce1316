"""The numbers of the reports, as `campaigns.counts` defines them, and the people behind each.

Without a period we count people in campaigns. With one, people that a message was *sent to in the period* and whatever
came of these messages, whenever it came: a cohort, so that no rate divides replies of one month by messages of another.
Outcomes belong to the message that they came of. Numbers are read from rollups where the period is made of days.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from campaigns import counts
from campaigns.models import Candidate
from campaigns.reports.dimensions import DIMENSIONS, Dimension
from campaigns.reports.kept import Kept
from campaigns.reports.lines import PEOPLE as PEOPLE
from campaigns.reports.lines import RESULTS as RESULTS
from campaigns.reports.lines import Asked as Asked
from campaigns.reports.lines import Row as Row
from campaigns.reports.lines import midnight as midnight
from campaigns.reports.raw import Raw
from campaigns.rollups import services as rollups

LONGEST = {"day": 62, "week": 370}
"""Days up to which a chart is drawn by this unit; beyond, by month."""


class Source(Protocol):
    """Where numbers are read from."""

    @property
    def is_behind(self) -> bool:
        """Whether something has happened that is not counted yet."""

    def of_messages(self, asked: Asked, by: str) -> dict[str, Row]: ...

    def of_people(self, asked: Asked, by: str) -> dict[str, Row]: ...

    def over_time(self, asked: Asked, unit: str) -> tuple[dict[date, int], dict[date, int]]: ...

    def first_day(self, asked: Asked) -> date | None: ...


def source_of(asked: Asked) -> Source:
    """The rollups, with what has changed since they were counted last; the raw rows where nothing is kept."""
    if asked.days is not None and (zone := rollups.kept_zone(str(asked.zone))):
        is_behind = rollups.is_behind()
        if is_behind:
            rollups.catch_up()
            is_behind = rollups.is_behind()
        return Kept(zone, is_behind=is_behind)
    return Raw()


def rows(asked: Asked, *, by: str = "campaign", source: Source | None = None) -> list[Row]:
    """The report's lines by a key of `DIMENSIONS`: most people first, or in their own order."""
    source, dimension = source or source_of(asked), DIMENSIONS[by]
    read = source.of_people if dimension.of_people and not asked.has_period else source.of_messages
    found = list(read(asked, by).values())
    names = dimension.names([row.key for row in found])
    for row in found:
        row.name = names.get(row.key) or "—"
    if dimension.is_sequence:
        return sorted(found, key=lambda row: int(row.key or 0))
    return sorted(found, key=lambda row: (-row.sent, -(row.audience or 0), row.name))


def total(asked: Asked, *, source: Source | None = None) -> Row:
    """Everything in one line: a person in two campaigns counts once a campaign."""
    source = source or source_of(asked)
    if asked.has_period:
        row = source.of_messages(asked, "").get("", Row(""))
    else:
        row = source.of_people(asked, "")[""]
    row.key = "total"
    return row


def number_of(asked: Asked, *, number: str, by: str = "", key: str = "") -> int:
    """The number itself, from where the report has it. Raises `KeyError` for an unknown one."""
    if number not in (*PEOPLE, "contacted", *RESULTS):
        raise KeyError(number)
    if not by:
        return total(asked).number(number) or 0
    return next((row.number(number) or 0 for row in rows(asked, by=by) if row.key == key), 0)


def people_behind(asked: Asked, *, number: str, by: str = "", key: str = "") -> QuerySet[Candidate]:
    """Who a number of the report counts: that of the line `key` of the breakdown `by`, or of the total.

    `number` is one of `PEOPLE`, "contacted", or a result. Raises `KeyError` for another one.
    """
    dimension = DIMENSIONS[by] if by else None
    if number in PEOPLE or (not asked.has_period and (dimension is None or dimension.of_people)):
        found = asked.people()
        if dimension is not None:
            found = found.filter(_is(dimension, dimension.of_people, key))
        return found.filter(counts.came_as_far_as(number))
    if number == "contacted":
        rows: QuerySet[Any] = asked.messages()
        if dimension is not None:
            rows = rows.annotate(key=dimension.value("", asked.zone)).filter(_is(dimension, "key", key))
        return Candidate.objects.filter(pk__in=rows.values("draft__candidate"))
    if number not in RESULTS:
        raise KeyError(number)
    facts: QuerySet[Any] = asked.outcomes().filter(kind=number)
    if dimension is not None:
        facts = facts.annotate(key=dimension.value("message__", asked.zone)).filter(_is(dimension, "key", key))
    return Candidate.objects.filter(pk__in=facts.values("candidate"))


def unit_of(asked: Asked, now: datetime, *, source: Source | None = None) -> str:
    """By what a chart of this period is drawn: day, week or month."""
    source, today = source or source_of(asked), now.astimezone(asked.zone).date()
    first = asked.since.astimezone(asked.zone).date() if asked.since else source.first_day(asked) or today
    last = asked.until.astimezone(asked.zone).date() if asked.until else today
    return next((unit for unit, longest in LONGEST.items() if (last - first).days <= longest), "month")


def over_time(asked: Asked, unit: str, *, source: Source | None = None) -> dict[str, list[tuple[str, int]]]:
    """Messages sent and people who replied to them, by the day, week or month in which the message left."""
    sent, replied = (source or source_of(asked)).over_time(asked, unit)
    days = axis(sent, unit)
    return {
        "sent": [(day.isoformat(), sent.get(day, 0)) for day in days],
        "replied": [(day.isoformat(), replied.get(day, 0)) for day in days],
    }


def axis(days: Collection[date], unit: str) -> list[date]:
    """From the first to the last, also those without anything: the axis is time."""
    if not days:
        return []
    day, axis = min(days), []
    while day <= max(days):
        axis.append(day)
        if unit == "month":
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        else:
            day += timedelta(days=7 if unit == "week" else 1)
    return axis


def _is(dimension: Dimension, column: str, key: str) -> Q:
    """The filter of one line: the empty key is also that of nothing."""
    if key:
        return Q(**{column: key})
    nothing = Q(**{f"{column}__isnull": True})
    return nothing if dimension.is_number else nothing | Q(**{column: ""})
