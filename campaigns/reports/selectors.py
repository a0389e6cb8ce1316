"""The numbers of the reports, as `campaigns.counts` defines them, and the people behind each.

Without a period we count people in campaigns. With one, people that a message was *sent to in the period* and whatever
came of these messages, whenever it came: a cohort, so that no rate divides replies of one month by messages of another.
Outcomes belong to the message that they came of.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek

from campaigns import counts
from campaigns.models import Candidate, Outcome
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.intervals import Rate, wilson
from conversations.models import Message

RESULTS = counts.FACTS
PEOPLE = ("audience", "qualified", "drafted", "approved")
"""Numbers of people that no message is needed for."""
UNITS = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}
LONGEST = {"day": 62, "week": 370}
"""Days up to which a chart is drawn by this unit; beyond, by month."""


@dataclass(frozen=True)
class Asked:
    """What a report is about: messages sent from `since` until before `until`, of one campaign or of all."""

    since: datetime | None = None
    until: datetime | None = None
    campaign_id: int | None = None
    zone: tzinfo = UTC
    """Where days, weekdays and hours are the viewer's."""

    @property
    def has_period(self) -> bool:
        return self.since is not None or self.until is not None

    def before(self, now: datetime) -> Asked | None:
        """The period of the same length before this one; None without a beginning."""
        if self.since is None:
            return None
        return replace(self, since=self.since - ((self.until or now) - self.since), until=self.since)

    def messages(self) -> QuerySet[Message]:
        """The messages of the period that left."""
        found = counts.sent_messages()
        if self.since:
            found = found.filter(sent_at__gte=self.since)
        if self.until:
            found = found.filter(sent_at__lt=self.until)
        if self.campaign_id:
            found = found.filter(draft__candidate__campaign=self.campaign_id)
        return found

    def outcomes(self) -> QuerySet[Outcome]:
        """The facts that belong to these messages."""
        return Outcome.objects.filter(message__in=self.messages().values("pk")).order_by()

    def people(self) -> QuerySet[Candidate]:
        """Everyone, whether written to or not: what a report without a period counts."""
        found = Candidate.objects.all()
        return found.filter(campaign=self.campaign_id) if self.campaign_id else found


@dataclass
class Row:
    """One line of the report. Counts before `sent` are of people, `messages` of messages, the rest of people again."""

    key: str
    name: str = ""
    """What the key is called; the key itself where it has no other name."""
    audience: int | None = None
    qualified: int | None = None
    drafted: int | None = None
    approved: int | None = None
    messages: int = 0
    sent: int = 0
    """People that at least one message was sent to."""
    results: dict[str, int] = field(default_factory=dict)
    value: float = 0
    """Sum of the values of won candidates."""

    @property
    def rates(self) -> dict[str, Rate]:
        """Every result over the people written to, with its interval."""
        return {name: wilson(min(self.results.get(name, 0), self.sent), self.sent) for name in RESULTS}

    def number(self, name: str) -> int | None:
        """A count by its name: of `PEOPLE`, "contacted", or a result."""
        if name in PEOPLE:
            found: int | None = getattr(self, name)
            return found
        return self.sent if name == "contacted" else self.results.get(name, 0)

    def as_dict(self) -> dict[str, Any]:
        """Flat, for CSV and API."""
        flat: dict[str, Any] = {
            "key": self.key,
            "name": self.name or self.key,
            "audience": self.audience,
            "qualified": self.qualified,
            "drafted": self.drafted,
            "approved": self.approved,
            "messages": self.messages,
            "sent": self.sent,
        }
        for name, rate in self.rates.items():
            flat[name] = self.results.get(name, 0)
            flat[f"{name}_rate"] = None if rate.value is None else round(rate.value, 4)
            flat[f"{name}_low"] = None if rate.low is None else round(rate.low, 4)
            flat[f"{name}_high"] = None if rate.high is None else round(rate.high, 4)
        flat["value"] = self.value
        return flat


def rows(asked: Asked, *, by: str = "campaign") -> list[Row]:
    """The report's lines by a key of `DIMENSIONS`: most people first, or in their own order. Two to four queries."""
    dimension = DIMENSIONS[by]
    if dimension.of_people and not asked.has_period:
        people = counts.numbers(dimension.of_people, asked.people())
        found = [_of_people(_key(key), numbers) for key, numbers in people.items()]
    else:
        found = list(_of_messages(asked, by).values())
    for row in found:
        row.name = dimension.name(row.key) or "—"
    values = _values(asked, by)
    for row in found:
        row.value = values.get(row.key, 0)
    if dimension.is_sequence:
        return sorted(found, key=lambda row: int(row.key or 0))
    return sorted(found, key=lambda row: (-row.sent, -(row.audience or 0), row.name))


def total(asked: Asked) -> Row:
    """Everything in one line: a person in two campaigns counts once a campaign."""
    if asked.has_period:
        row = _of_messages(asked, "").get("", Row(""))
    else:
        row = _of_people("", counts.total(asked.people()))
    row.key, row.value = "total", _values(asked, "").get("", 0)
    return row


def people_behind(asked: Asked, *, number: str, by: str = "", key: str = "") -> QuerySet[Candidate]:
    """Who a number of the report counts: that of the line `key` of the breakdown `by`, or of the total.

    `number` is one of `PEOPLE`, "contacted", or a result. Raises `KeyError` for another one.
    """
    dimension = DIMENSIONS[by] if by else None
    if number in PEOPLE or (not asked.has_period and (dimension is None or dimension.of_people)):
        found = asked.people()
        if dimension is not None:
            found = found.filter(_is(dimension.of_people, key))
        return found.filter(counts.came_as_far_as(number))
    if number == "contacted":
        rows: QuerySet[Any] = asked.messages()
        if dimension is not None:
            rows = rows.annotate(key=dimension.value("", asked.zone)).filter(_is("key", key))
        return Candidate.objects.filter(pk__in=rows.values("draft__candidate"))
    if number not in RESULTS:
        raise KeyError(number)
    facts: QuerySet[Any] = asked.outcomes().filter(kind=number)
    if dimension is not None:
        facts = facts.annotate(key=dimension.value("message__", asked.zone)).filter(_is("key", key))
    return Candidate.objects.filter(pk__in=facts.values("candidate"))


def unit_of(asked: Asked, now: datetime) -> str:
    """By what a chart of this period is drawn: day, week or month."""
    first = asked.since or asked.messages().order_by("sent_at").values_list("sent_at", flat=True).first() or now
    days = ((asked.until or now) - first).days
    return next((unit for unit, longest in LONGEST.items() if days <= longest), "month")


def over_time(asked: Asked, unit: str) -> dict[str, list[tuple[str, int]]]:
    """Messages sent and people who replied to them, by the day, week or month in which the message left."""
    truncated = UNITS[unit]
    sent = asked.messages().annotate(at=truncated("sent_at", tzinfo=asked.zone)).values_list("at")
    replied = asked.outcomes().filter(kind=Outcome.Kind.REPLIED)
    answers = replied.annotate(at=truncated("message__sent_at", tzinfo=asked.zone)).values_list("at")
    counted = {at.date(): n for at, n in sent.annotate(n=Count("pk"))}
    people = {at.date(): n for at, n in answers.annotate(n=Count("candidate", distinct=True))}
    axis = _axis(counted, unit)
    return {
        "sent": [(day.isoformat(), counted.get(day, 0)) for day in axis],
        "replied": [(day.isoformat(), people.get(day, 0)) for day in axis],
    }


def _axis(days: Collection[date], unit: str) -> list[date]:
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


def _of_messages(asked: Asked, by: str) -> dict[str, Row]:
    """A line for each value of a dimension of messages; without one a single line, by the empty key."""
    found: dict[str, Row] = {}
    sent = asked.messages().annotate(key=_value(by, "", asked)).values_list("key")
    for key, messages, people in sent.annotate(m=Count("pk"), p=Count("draft__candidate", distinct=True)):
        found[_key(key)] = Row(_key(key), messages=messages, sent=people)
    facts = asked.outcomes().filter(kind__in=RESULTS).annotate(key=_value(by, "message__", asked))
    for key, kind, n in facts.values_list("key", "kind").annotate(n=Count("candidate", distinct=True)):
        found[_key(key)].results[kind] = n
    return found


def _values(asked: Asked, by: str) -> dict[str, float]:
    """What was won, by a dimension."""
    won = Outcome.objects.filter(kind=Outcome.Kind.WON, value__isnull=False).order_by()
    if not asked.has_period and (not by or DIMENSIONS[by].of_people):
        won = won.filter(candidate__in=asked.people())
        won = won.annotate(key=F(f"candidate__{DIMENSIONS[by].of_people}") if by else Value(""))
    else:
        won = won.filter(message__in=asked.messages().values("pk")).annotate(key=_value(by, "message__", asked))
    return {_key(key): float(value or 0) for key, value in won.values_list("key").annotate(sum=Sum("value"))}


def _value(by: str, prefix: str, asked: Asked) -> Combinable:
    return DIMENSIONS[by].value(prefix, asked.zone) if by else Value("")


def _key(value: Any) -> str:
    return "" if value is None else str(value)


def _is(column: str, key: str) -> Q:
    """The filter of one line: the empty key is also that of nothing."""
    return Q(**{column: key}) if key else Q(**{f"{column}__isnull": True}) | Q(**{column: ""})


def _of_people(key: str, numbers: counts.Numbers) -> Row:
    return Row(
        key,
        audience=numbers.audience,
        qualified=numbers.qualified,
        drafted=numbers.drafted,
        approved=numbers.approved,
        messages=numbers.messages,
        sent=numbers.contacted,
        results={kind: numbers.fact(kind) for kind in RESULTS},
    )
