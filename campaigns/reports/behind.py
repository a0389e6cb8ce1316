"""Who a number counts, a page at a time: read by index from what was counted, however many messages there are.

People without a period come in the order of their candidacies. Those that messages were sent to in a period come in the
order of the message by which they count first; the days on which they do so are known from the rollups, so that only
messages of a page's days are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from campaigns.models import CANDIDATE, Campaign
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.kept import OF_CAMPAIGNS, Kept, first_in
from campaigns.reports.lines import PEOPLE, RESULTS, Asked, midnight
from campaigns.rollups.cells import ANSWERS, BITS, OF_MESSAGES, OF_PEOPLE, RARE, VALUED, WEEKS, answered_by
from campaigns.rollups.models import Known, KnownMessage

MESSAGES, VALUE, FIRST = "messages", "value", "first"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _MICROSECOND, _HOUR = timedelta(days=1), timedelta(microseconds=1), timedelta(hours=1)
_TIMES: dict[str, Any] = {"weekday": ExtractIsoWeekDay, "hour": ExtractHour}


@dataclass(frozen=True)
class Line:
    """The number that was pressed: that of the line `key` of the breakdown `by`, or of the total. Raises `KeyError` for a
    number that no report has, `ValueError` for an impossible key.
    """

    asked: Asked
    number: str
    by: str = ""
    key: str = ""
    answer: str = ""
    weeks: int = 0
    """Of those first written to in the period: who had this kind of answer so many weeks later; empty: everyone."""

    def __post_init__(self) -> None:
        if self.number not in (*PEOPLE, "contacted", *RESULTS, MESSAGES, VALUE, FIRST):
            raise KeyError(self.number)
        if self.answer and not (self.number == FIRST and self.answer in ANSWERS and 0 < self.weeks <= WEEKS):
            raise KeyError(self.answer)
        if self.number in PEOPLE and (self.asked.has_period or not self._is_by_people):
            raise KeyError(self.number)
        if self.by and DIMENSIONS[self.by].is_number and self.key and not self.key.isdecimal():
            raise ValueError(self.key)

    @property
    def is_of_people(self) -> bool:
        """Whether people are counted, written to or not."""
        return self.number not in (MESSAGES, FIRST) and self._is_by_people and not self.asked.has_period

    @property
    def _is_by_people(self) -> bool:
        return not self.by or bool(DIMENSIONS[self.by].of_people)


@dataclass(frozen=True)
class Item:
    """Somebody who is counted, and the first message that they count by; without one, somebody in a campaign."""

    candidate: int
    cursor: str
    at: datetime | None = None


def page(source: Kept, line: Line, *, after: str, most: int) -> list[Item]:
    """The next `most` of them. Raises `ValueError` for a cursor or key that makes no sense."""
    if line.is_of_people:
        known = _known(line).filter(pk__gt=int(after or 0)).order_by("pk")
        return [Item(pk, str(pk)) for pk in known.values_list("pk", flat=True)[:most]]
    since = _moment(after) if after else None
    days = _days(source, line, since[0] if since else None, most)
    if not days:
        return []
    rows = _matching(line).filter(_within(line, days))
    if since:
        rows = rows.filter(Q(at__gt=since[0]) | Q(at=since[0], pk__gt=since[1]))
    if line.number != MESSAGES:
        rows = rows.filter(~Exists(_earlier(line)))
    if line.answer:
        in_time = {f"{line.answer}_at__lt": OuterRef("at") + timedelta(weeks=line.weeks)}
        rows = rows.filter(Exists(Known.objects.filter(pk=OuterRef("candidate_id"), **in_time)))
    found = rows.order_by("at", "pk").values_list("candidate_id", "at", "pk")[:most]
    return [Item(candidate, f"{(at - _EPOCH) // _MICROSECOND}.{pk}", at) for candidate, at, pk in found]


def _moment(cursor: str) -> tuple[datetime, int]:
    at, _dot, pk = cursor.partition(".")
    return _EPOCH + int(at) * _MICROSECOND, int(pk)


def _known(line: Line) -> QuerySet[Known]:
    rows = _of_line(Known.objects.all(), line)
    stages = {
        "audience": CANDIDATE.members, "qualified": CANDIDATE.accepted,
        "drafted": CANDIDATE.drafted_once, "approved": CANDIDATE.approved_once,
    }  # fmt: skip
    was_contacted = Exists(KnownMessage.objects.filter(candidate_id=OuterRef("pk")))
    if line.number in stages:
        return rows.filter(Q(was_contacted) | Q(stage__in=stages[line.number]))
    return rows.filter(was_contacted) if line.number == "contacted" else _with_bit(rows, line.number)


def _matching(line: Line) -> QuerySet[KnownMessage]:
    """The messages of the period that make the number."""
    rows = KnownMessage.objects.all()
    if line.asked.since:
        rows = rows.filter(at__gte=line.asked.since)
    if line.asked.until:
        rows = rows.filter(at__lt=line.asked.until)
    if line.by in OF_MESSAGES:
        rows = rows.filter(**{line.by: line.key})
    elif line.by in _TIMES:
        rows = rows.annotate(place=_TIMES[line.by]("at", tzinfo=line.asked.zone)).filter(place=int(line.key))
    if line.asked.campaign_id or line.by in (*OF_CAMPAIGNS, *OF_PEOPLE):
        rows = rows.filter(candidate_id__in=_of_line(Known.objects.all(), line).values("pk"))
    return rows if line.number in (MESSAGES, FIRST, "contacted") else _with_bit(rows, line.number)


def _earlier(line: Line) -> QuerySet[KnownMessage]:
    """Messages by which somebody counts already."""
    if line.number == FIRST:  # also before the period
        line = replace(line, asked=replace(line.asked, since=None))
    rows = _matching(line).filter(candidate_id=OuterRef("candidate_id"))
    return rows.filter(Q(at__lt=OuterRef("at")) | Q(at=OuterRef("at"), pk__lt=OuterRef("pk")))


def _of_line(rows: QuerySet[Known], line: Line) -> QuerySet[Known]:
    """People of the line's campaigns, country or industry."""
    if line.asked.campaign_id:
        rows = rows.filter(campaign=line.asked.campaign_id)
    if line.by in OF_PEOPLE:
        return rows.filter(**{line.by: line.key})
    return rows.filter(campaign__in=_campaigns(line)) if line.by in OF_CAMPAIGNS else rows


def _campaigns(line: Line) -> list[int]:
    """Those that make the line."""
    chosen = Q(**{OF_CAMPAIGNS[line.by]: line.key} if line.key else {f"{OF_CAMPAIGNS[line.by]}__isnull": True})
    return list(Campaign.objects.filter(chosen).order_by().values_list("pk", flat=True))


def _with_bit(rows: QuerySet[Any], number: str) -> QuerySet[Any]:
    bit = VALUED if number == VALUE else BITS[number]
    if bit >= RARE:
        rows = rows.filter(outcomes__gte=RARE)  # what the index of the few holds
    found: QuerySet[Any] = rows.annotate(has_bit=F("outcomes").bitand(bit)).filter(has_bit__gt=0)
    return found


def _days(source: Kept, line: Line, since: datetime | None, most: int) -> list[date]:
    """The next days on which people count first, until there are enough of them."""
    rows = source.days(line.asked, answered_by(line.answer) if line.answer else line.by)
    if line.answer:
        rows = rows.filter(key__in=[str(week) for week in range(line.weeks)])
    if line.by in OF_CAMPAIGNS:
        rows = rows.filter(campaign__in=_campaigns(line))
    elif line.by:
        rows = rows.filter(key=line.key)
    if since:
        rows = rows.filter(day__gte=since.astimezone(line.asked.zone).date())
    column = {MESSAGES: Sum("messages"), VALUE: Sum("cents")}.get(line.number)
    name, is_first = (line.number, first_in(line.asked)) if line.number != FIRST else ("contacted", Q(before=date.min))
    counted = column or Sum(name, filter=is_first)
    days: list[date] = []
    people = 0
    for day, n in rows.values_list("day").annotate(n=counted).filter(n__gt=0).order_by("day"):
        days.append(day)
        if since is None or day > since.astimezone(line.asked.zone).date():
            people += 1 if line.number == VALUE else n
        if people >= most:
            break
    return days


def _within(line: Line, days: Iterable[date]) -> Q:
    """Messages of these days; where an hour is asked for, of the hours around it, since clocks may change."""
    zone, found = line.asked.zone, Q()
    if line.by == "hour":
        for day in days:
            begin = midnight(day, zone) + int(line.key) * _HOUR
            found |= Q(at__gte=begin - 2 * _HOUR, at__lt=begin + 3 * _HOUR)
        return found
    first = last = None
    for day in days:
        if last is None or day != last + _DAY:
            if first and last:
                found |= _between(first, last, line)
            first = day
        last = day
    assert first and last
    return found | _between(first, last, line)


def _between(first: date, last: date, line: Line) -> Q:
    return Q(at__gte=midnight(first, line.asked.zone), at__lt=midnight(last + _DAY, line.asked.zone))
