"""The numbers of the reports, as `campaigns.counts` defines them, and the people behind each.

Without a period we count people in campaigns. With one, people that a message was *sent to in the period* and whatever
came of these messages, whenever it came: a cohort, so that no rate divides replies of one month by messages of another.
Outcomes belong to the message that they came of. Numbers are read from rollups where the period is made of days.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from campaigns import counts
from campaigns.models import Candidate, Outcome
from campaigns.reports.behind import FIRST, MESSAGES, VALUE, Item, page
from campaigns.reports.behind import Line as Line
from campaigns.reports.dimensions import DIMENSIONS, Dimension
from campaigns.reports.kept import Kept
from campaigns.reports.lines import PEOPLE as PEOPLE
from campaigns.reports.lines import RESULTS as RESULTS
from campaigns.reports.lines import SHOWN as SHOWN
from campaigns.reports.lines import WON
from campaigns.reports.lines import Asked as Asked
from campaigns.reports.lines import Row as Row
from campaigns.reports.lines import midnight as midnight
from campaigns.reports.raw import Raw
from campaigns.rollups import services as rollups

LONGEST = {"day": 62, "week": 370}
"""Days up to which a chart is drawn by this unit; beyond, by month."""
UNITS = (*LONGEST, "month")


class Source(Protocol):
    """Where numbers are read from."""

    @property
    def is_behind(self) -> bool:
        """Whether something has happened that is not counted yet."""

    def of_messages(self, asked: Asked, by: str) -> dict[str, Row]: ...

    def of_people(self, asked: Asked, by: str) -> dict[str, Row]: ...

    def over_time(self, asked: Asked, unit: str) -> tuple[dict[date, int], dict[date, int]]: ...

    def lines_over_time(self, asked: Asked, unit: str, by: str) -> dict[str, dict[date, int]]: ...

    def first_day(self, asked: Asked) -> date | None: ...


def source_of(asked: Asked) -> Source:
    """The rollups, with what has changed since they were counted last; the raw rows where nothing is kept."""
    if asked.days is not None and (zone := rollups.kept_zone(str(asked.zone))):
        return Kept(zone, is_behind=not rollups.has_caught_up())
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


def number_of(line: Line, *, source: Source | None = None) -> int | None:
    """The number itself, from where the report has it; None for a sum of values and for cohorts, which say their own."""
    if line.number in (VALUE, FIRST):
        return None
    source = source or source_of(line.asked)
    found = rows(line.asked, by=line.by, source=source) if line.by else [total(line.asked, source=source)]
    return next((_number(row, line.number) for row in found if not line.by or row.key == line.key), 0)


def _number(row: Row, name: str) -> int:
    return row.messages if name == MESSAGES else row.number(name) or 0


def behind(line: Line, *, after: str = "", most: int, source: Source | None = None) -> list[Item]:
    """The next `most` people counted by a number. Raises `ValueError` for an impossible `after`."""
    source = source or source_of(line.asked)
    if isinstance(source, Kept):
        return page(source, line, after=after, most=most)
    found = people_behind(line).filter(pk__gt=int(after or 0)).order_by("pk").values_list("pk", flat=True)
    return [Item(pk, str(pk)) for pk in found[:most]]


def people_behind(line: Line) -> QuerySet[Candidate]:
    """Everyone counted by a number, from the raw rows: the pages, which read the rollups, must show the same people."""
    asked, number, key = line.asked, line.number, line.key
    dimension = DIMENSIONS[line.by] if line.by else None
    if line.is_of_people:
        found = asked.people()
        if dimension is not None:
            found = found.filter(_is(dimension, dimension.of_people, key))
        if number == VALUE:
            return found.filter(Exists(counts.valued().filter(candidate=OuterRef("pk"))))
        return found.filter(counts.came_as_far_as(number))
    if number == FIRST:
        return _first_written_to(line)
    if number in ("contacted", MESSAGES):
        rows: QuerySet[Any] = asked.messages()
        if dimension is not None:
            rows = rows.annotate(key=dimension.value("", asked.zone)).filter(_is(dimension, "key", key))
        return Candidate.objects.filter(pk__in=rows.values("draft__candidate"))
    kept: QuerySet[Any] = counts.valued() if number == VALUE else Outcome.objects.order_by()
    facts = kept.filter(message__in=asked.messages().values("pk"))
    if number != VALUE:
        facts = facts.filter(WON if number == "won" else Q(kind=number))
    if dimension is not None:
        facts = facts.annotate(key=dimension.value("message__", asked.zone)).filter(_is(dimension, "key", key))
    return Candidate.objects.filter(pk__in=facts.values("candidate"))


def _first_written_to(line: Line) -> QuerySet[Candidate]:
    sent = counts.sent_messages().filter(draft__candidate=OuterRef("pk"))
    written_to = Candidate.objects.filter(pk__in=line.asked.messages().values("draft__candidate"))
    found: QuerySet[Any] = written_to.annotate(first=Subquery(sent.order_by("sent_at").values("sent_at")[:1]))
    if line.asked.since:
        found = found.filter(first__gte=line.asked.since)
    if line.answer:
        came = Outcome.objects.filter(candidate=OuterRef("pk"), kind=line.answer)
        found = found.filter(Exists(came.filter(occurred_at__lt=OuterRef("first") + timedelta(weeks=line.weeks))))
    return found


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


def lines_over_time(
    asked: Asked, unit: str, by: str, keys: Collection[str], *, source: Source | None = None
) -> dict[str, list[tuple[str, int]]]:
    """People who replied, of each of these lines, by the day, week or month in which the message left."""
    found = (source or source_of(asked)).lines_over_time(asked, unit, by)
    days = axis({day for key in keys for day in found.get(key, {})}, unit)
    return {key: [(day.isoformat(), found.get(key, {}).get(day, 0)) for day in days] for key in keys}


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
