"""The numbers of the reports.

Before contact we count people in campaigns. From the first message on we count people to whom a message was *sent in the
period* and whatever came of these messages, whenever it came: a cohort, so that no rate divides replies of one
month by messages of another. Outcomes belong to the message that they came of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models import CANDIDATE, Candidate, Outcome
from campaigns.reports.intervals import Rate, wilson
from conversations.models import MESSAGE, Message

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

RESULTS = (
    "delivered",
    "bounced",
    "opened",
    "clicked",
    "replied",
    "positive",
    "information",
    "negative",
    "booked",
    "opted_out",
)


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
    """People to whom at least one message left."""
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
    """The report's lines grouped by a key of `DIMENSIONS`, most messages first. Two or three queries."""
    _label, message_column, candidate_column = DIMENSIONS[by]
    found: dict[str, Row] = {}
    for values in _sent(since, until, campaign_id).annotate(key=F(message_column)).values("key").annotate(**_counts()):
        found[str(values["key"])] = _row(str(values["key"]), dict(values))
    if candidate_column and since is None and until is None:
        people = _people(campaign_id).annotate(key=F(candidate_column)).values("key").annotate(**_people_counts())
        for values in people.order_by():
            row = found.setdefault(str(values["key"]), Row(str(values["key"])))
            _add_people(row, dict(values))
    return sorted(found.values(), key=lambda row: (-row.sent, -(row.audience or 0), row.key))


def total(*, since: datetime | None = None, until: datetime | None = None, campaign_id: int | None = None) -> Row:
    """Everything in one line: a person in two campaigns counts once a campaign."""
    row = _row("total", _sent(since, until, campaign_id).aggregate(**_counts()))
    if since is None and until is None:
        _add_people(row, _people(campaign_id).aggregate(**_people_counts()))
    return row


def by_day(
    *, since: datetime | None, until: datetime | None, campaign_id: int | None = None
) -> dict[str, list[tuple[str, int]]]:
    """Messages sent and people who replied to them, by the day on which the message left (UTC)."""
    from django.db.models.functions import TruncDate

    days = (
        _sent(since, until, campaign_id)
        .annotate(day=TruncDate("sent_at"))
        .values("day")
        .annotate(sent=Count("pk"), replied=Count("draft__candidate", distinct=True, filter=Q(is_replied=True)))
        .order_by("day")
    )
    series: dict[str, list[tuple[str, int]]] = {"sent": [], "replied": []}
    for day in days:
        series["sent"].append((day["day"].isoformat(), day["sent"]))
        series["replied"].append((day["day"].isoformat(), day["replied"]))
    return series


def _sent(since: datetime | None, until: datetime | None, campaign_id: int | None) -> QuerySet[Message]:
    messages = Message.objects.filter(
        Q(state__in=MESSAGE.proven), draft__isnull=False, sent_at__isnull=False, direction="out"
    )
    if since:
        messages = messages.filter(sent_at__gte=since)
    if until:
        messages = messages.filter(sent_at__lt=until)
    if campaign_id:
        messages = messages.filter(draft__candidate__campaign=campaign_id)
    facts = {f"is_{kind}": Exists(Outcome.objects.filter(message=OuterRef("pk"), kind=kind)) for kind in RESULTS}
    return messages.annotate(**facts).order_by()


def _counts() -> dict[str, Any]:
    person = "draft__candidate"
    return {"messages": Count("pk"), "people": Count(person, distinct=True)} | {
        kind: Count(person, distinct=True, filter=Q(**{f"is_{kind}": True})) for kind in RESULTS
    }


def _row(key: str, values: dict[str, Any]) -> Row:
    return Row(
        key, messages=values["messages"], sent=values["people"], results={kind: values[kind] for kind in RESULTS}
    )


def _people(campaign_id: int | None) -> QuerySet[Candidate]:
    people = Candidate.objects.exclude(stage=CANDIDATE.EVICTED)
    return people.filter(campaign=campaign_id) if campaign_id else people


def _people_counts() -> dict[str, Any]:
    after_draft: Iterable[str] = CANDIDATE.drafted_once
    return {
        "audience": Count("pk"),
        "qualified": Count("pk", filter=Q(stage__in=("qualified", *after_draft))),
        "drafted": Count("pk", filter=Q(stage__in=after_draft)),
        "approved": Count("pk", filter=Q(stage__in=CANDIDATE.drafted_once[1:])),
    }


def _add_people(row: Row, values: dict[str, Any]) -> None:
    row.audience, row.qualified = values["audience"], values["qualified"]
    row.drafted, row.approved = values["drafted"], values["approved"]
