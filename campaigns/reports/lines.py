"""What a report is about, and its lines."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import Q, QuerySet

from campaigns import counts
from campaigns.models import CANDIDATE, Candidate, Outcome
from conversations.models import Message
from outreach.core.intervals import Rate, wilson

RESULTS = (*counts.FACTS, "won")
SHOWN = 100
"""Lines on a page; files and the API have all of them."""
WON = Q(kind__in=(Outcome.Kind.WON, Outcome.Kind.BOOKED), candidate__stage=CANDIDATE.WON)
"""Outcomes by which somebody is won."""
PEOPLE = ("audience", "qualified", "drafted", "approved")
"""Numbers of people that no message is needed for."""


def midnight(day: date, zone: tzinfo) -> datetime:
    """When `day` begins in `zone`, in UTC; where clocks leap over midnight, the first moment that exists."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


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
        """The period of as many days before this one; None without a beginning."""
        if self.since is None:
            return None
        if self.days is None:
            return replace(self, since=self.since - ((self.until or now) - self.since), until=self.since)
        first, after = self.days
        days = (after or now.astimezone(self.zone).date() + timedelta(days=1)) - (first or date.min)
        return replace(self, since=midnight((first or date.min) - days, self.zone), until=self.since)

    @property
    def days(self) -> tuple[date | None, date | None] | None:
        """The first day and the one after the last in the viewer's zone; None when the period is not made of days."""
        found: list[date | None] = []
        for moment in (self.since, self.until):
            day = moment.astimezone(self.zone).date() if moment else None
            if day and midnight(day, self.zone) != moment:
                return None
            found.append(day)
        return found[0], found[1]

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
    value: float = 0.0
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

    @classmethod
    def of_people(cls, key: str, numbers: counts.Numbers) -> Row:
        """A line of people, whether written to or not."""
        return cls(
            key,
            audience=numbers.audience,
            qualified=numbers.qualified,
            drafted=numbers.drafted,
            approved=numbers.approved,
            messages=numbers.messages,
            sent=numbers.contacted,
            results={kind: numbers.fact(kind) for kind in counts.FACTS} | {"won": numbers.won},
        )


def key_of(value: Any) -> str:
    """A value of a dimension as the key of its line."""
    return "" if value is None else str(value)
