"""The numbers read from the rollups: the same as from the raw rows, whatever the number of messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth, TruncWeek

from campaigns import counts
from campaigns.models import Campaign
from campaigns.reports.lines import RESULTS, Asked, Row, key_of
from campaigns.rollups.models import EVERYTHING, DayCount, PeopleCount, Zone

_UNITS = {"day": F, "week": TruncWeek, "month": TruncMonth}
OF_CAMPAIGNS = {"campaign": "pk", "segment": "segment_version__segment", "owner": "created_by"}
"""Breakdowns that follow from the campaign of a row, and from what of it."""


@dataclass(frozen=True)
class Kept:
    """Reads the rows of one zone."""

    zone: Zone
    is_behind: bool = False
    """Whether changes wait to be counted."""

    def of_messages(self, asked: Asked, by: str) -> dict[str, Row]:
        """A line for each value of a dimension of messages; without one a single line, by the empty key."""
        rows = self.days(asked, by)
        sums = {f"{name}_sum": Sum(name, filter=first_in(asked)) for name in ("contacted", *RESULTS)}
        read = rows.values_list(_group(by)).annotate(Sum("messages"), Sum("cents"), **sums)
        lines = _joined(read, by)
        return {
            key: Row(key, messages=m, sent=sent, results=dict(zip(RESULTS, results, strict=True)), value=cents / 100)
            for key, (m, cents, sent, *results) in lines.items()
            if m
        }

    def of_people(self, asked: Asked, by: str) -> dict[str, Row]:
        """A line for each value of a dimension of people, written to or not."""
        rows = PeopleCount.objects.filter(dimension=_stored(by))
        if asked.campaign_id:
            rows = rows.filter(campaign=asked.campaign_id)
        columns = ("people", "contacted", "messages", "cents", *RESULTS)
        read = rows.values_list(_group(by), "stage").annotate(*map(Sum, columns))
        values_of = _values_of(by)
        parts: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for key, *values in read:
            parts[key_of(values_of.get(key, key))].append(tuple(values))
        if not by:
            parts = {"": parts[""]}
        return {key: _of_stages(key, found) for key, found in parts.items()}

    def over_time(self, asked: Asked, unit: str) -> tuple[dict[date, int], dict[date, int]]:
        """Messages sent and people who replied to them, by the first day of the unit in which the message left."""
        rows = self.days(asked, "").annotate(at=_UNITS[unit]("day"))
        read = rows.values_list("at").annotate(Sum("messages"), people=Sum("replied", filter=Q(before__lt=F("at"))))
        found = {at: (sent, replied or 0) for at, sent, replied in read if sent}
        return {at: n for at, (n, _r) in found.items()}, {at: n for at, (_n, n) in found.items() if n}

    def lines_over_time(self, asked: Asked, unit: str, by: str) -> dict[str, dict[date, int]]:
        """People who replied, by line and the first day of the unit in which the message left."""
        rows = self.days(asked, by).filter(replied__gt=0).annotate(at=_UNITS[unit]("day"))
        read = rows.values_list(_group(by), "at").annotate(people=Sum("replied", filter=Q(before__lt=F("at"))))
        values_of = _values_of(by)
        found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for key, at, people in read:
            if people:
                found[key_of(values_of.get(key, key))][at] += people
        return found

    def first_day(self, asked: Asked) -> date | None:
        """The day of the first message."""
        found: date | None = self.days(asked, "").aggregate(day=Min("day"))["day"]
        return found

    def days(self, asked: Asked, by: str) -> QuerySet[DayCount]:
        """The kept rows of a breakdown in the period."""
        since, until = asked.days or (None, None)
        rows = DayCount.objects.filter(zone=self.zone, dimension=_stored(by)).order_by()
        if asked.campaign_id:
            rows = rows.filter(campaign=asked.campaign_id)
        else:
            rows = rows.filter(campaign__gt=EVERYTHING) if by in OF_CAMPAIGNS else rows.filter(campaign=EVERYTHING)
        if since:
            rows = rows.filter(day__gte=since)
        return rows.filter(day__lt=until) if until else rows


def first_in(asked: Asked) -> Q:
    """Rows of people who had not been counted since the period began."""
    since = asked.days[0] if asked.days else None
    return Q(before__lt=since) if since else Q(before=date.min)


def _stored(by: str) -> str:
    return "" if by in OF_CAMPAIGNS else by


def _group(by: str) -> Any:
    return F("campaign") if by in OF_CAMPAIGNS else F("key")


def _values_of(by: str) -> Mapping[Any, Any]:
    """Campaign → the value of a breakdown that follows from it; empty for other breakdowns, and that by campaign."""
    column = OF_CAMPAIGNS.get(by, "pk")
    return {} if column == "pk" else dict(Campaign.objects.order_by().values_list("pk", column))


def _joined(read: Any, by: str) -> dict[str, list[int]]:
    """Sums by key; campaigns of one segment or owner together."""
    values_of = _values_of(by)
    lines: dict[str, list[int]] = {}
    for key, *values in read:
        name = key_of(values_of.get(key, key))
        old = lines.get(name, [0] * len(values))
        lines[name] = [a + (b or 0) for a, b in zip(old, values, strict=True)]
    return lines


def _of_stages(key: str, parts: list[tuple[Any, ...]]) -> Row:
    stages: dict[str, int] = defaultdict(int)
    contacted: dict[str, int] = defaultdict(int)
    facts = dict.fromkeys(RESULTS, 0)
    messages = cents = 0
    for stage, people, reached, sent, value, *results in parts:
        stages[stage] += people
        contacted[stage] += reached
        messages, cents = messages + sent, cents + value
        for kind, n in zip(RESULTS, results, strict=True):
            facts[kind] += n
    row = Row.of_people(key, counts.Numbers(stages, {k: n for k, n in contacted.items() if n}, messages, facts))
    row.value = cents / 100
    return row
