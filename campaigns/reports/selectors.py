"""The numbers of the reports, as `campaigns.counts` defines them.

Without a period we count people in campaigns. With one, people that a message was *sent to in the period* and whatever
came of these messages, whenever it came: a cohort, so that no rate divides replies of one month by messages of another.
Outcomes belong to the message that they came of.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from campaigns import counts
from campaigns.models import Candidate, Outcome
from campaigns.reports.intervals import Rate, wilson
from conversations.models import Message

DIMENSIONS: dict[str, tuple[Any, str, str]] = {
    "campaign": (_("Campaign"), "draft__candidate__campaign__name", "campaign__name"),
    "segment": (
        _("Segment"),
        "draft__candidate__campaign__segment_version__segment__name",
        "campaign__segment_version__segment__name",
    ),
    "sender": (_("Sender"), "sender__name", ""),
    "provider": (_("Provider"), "sender__adapter", ""),
    "step": (_("Step"), "draft__step__number", ""),
    "variant": (_("Variant"), "draft__variant", ""),
}
"""How rows may be grouped: label, column of messages, column of candidates (empty: candidates have none)."""

RESULTS = counts.FACTS
LONGEST_CHART = 366
"""Days that the chart shows at most, the latest."""


@dataclass
class Row:
    """One line of the report. Counts before `sent` are of people, `messages` of messages, the rest of people again."""

    key: str
    audience: int | None = None
    qualified: int | None = None
    drafted: int | None = None
    approved: int | None = None
    messages: int = 0
    sent: int = 0
    """People that at least one message was sent to."""
    results: dict[str, int] = field(default_factory=dict)

    @property
    def rates(self) -> dict[str, Rate]:
        """Every result over the people written to, with its interval."""
        return {name: wilson(min(self.results.get(name, 0), self.sent), self.sent) for name in RESULTS}

    def as_dict(self) -> dict[str, Any]:
        """Flat, for CSV and API."""
        flat: dict[str, Any] = {
            "key": self.key,
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
        return flat


def rows(
    *,
    by: str = "campaign",
    since: datetime | None = None,
    until: datetime | None = None,
    campaign_id: int | None = None,
) -> list[Row]:
    """The report's lines grouped by a key of `DIMENSIONS`, most people first. Two or three queries."""
    _label, message_column, candidate_column = DIMENSIONS[by]
    if candidate_column and since is None and until is None:
        people = counts.numbers(candidate_column, _people(campaign_id))
        found = [_of_people(str(key), numbers) for key, numbers in people.items()]
    else:
        cohort = Cohort(since, until, campaign_id)
        found = list(cohort.rows(message_column).values())
    return sorted(found, key=lambda row: (-row.sent, -(row.audience or 0), row.key))


def total(*, since: datetime | None = None, until: datetime | None = None, campaign_id: int | None = None) -> Row:
    """Everything in one line: a person in two campaigns counts once a campaign."""
    if since is None and until is None:
        return _of_people("total", counts.total(_people(campaign_id)))
    return Cohort(since, until, campaign_id).rows("").get("", Row("total"))


def by_day(
    *, since: datetime | None, until: datetime | None, campaign_id: int | None = None
) -> dict[str, list[tuple[str, int]]]:
    """Messages sent and people who replied to them, by the day on which the message left (UTC)."""
    cohort = Cohort(since, until, campaign_id)
    sent = cohort.messages().annotate(day=TruncDate("sent_at")).values_list("day").annotate(n=Count("pk"))
    replied = (
        cohort.outcomes()
        .filter(kind=Outcome.Kind.REPLIED)
        .annotate(day=TruncDate("message__sent_at"))
        .values_list("day")
        .annotate(n=Count("candidate", distinct=True))
    )
    answers = dict(replied)
    counted = dict(sent)
    days = _every_day(counted)
    return {
        "sent": [(day.isoformat(), counted.get(day, 0)) for day in days],
        "replied": [(day.isoformat(), answers.get(day, 0)) for day in days],
    }


def _every_day(days: Collection[date]) -> list[date]:
    """From the first to the last, also those without anything: the axis is time."""
    if not days:
        return []
    first = max(min(days), max(days) - timedelta(days=LONGEST_CHART))
    return [first + timedelta(days=n) for n in range((max(days) - first).days + 1)]


@dataclass(frozen=True)
class Cohort:
    """The messages that left in a period, and whatever came of them."""

    since: datetime | None
    until: datetime | None
    campaign_id: int | None

    def messages(self) -> QuerySet[Message]:
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
        return Outcome.objects.filter(message__in=self.messages().values("pk"), kind__in=RESULTS).order_by()

    def rows(self, column: str) -> dict[str, Row]:
        """A line for each value of a column of messages; without a column a single one, by the empty key."""
        key, fact_key = (F(column), F(f"message__{column}")) if column else (Value(""), Value(""))
        found: dict[str, Row] = {}
        sent = self.messages().annotate(key=key).values_list("key")
        for name, messages, people in sent.annotate(m=Count("pk"), p=Count("draft__candidate", distinct=True)):
            found[str(name)] = Row(str(name) or "total", messages=messages, sent=people)
        facts = self.outcomes().annotate(key=fact_key).values_list("key", "kind")
        for name, kind, n in facts.annotate(n=Count("candidate", distinct=True)):
            found[str(name)].results[kind] = n
        return found


def _people(campaign_id: int | None) -> QuerySet[Candidate]:
    people = Candidate.objects.all()
    return people.filter(campaign=campaign_id) if campaign_id else people


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
