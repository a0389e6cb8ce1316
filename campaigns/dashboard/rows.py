"""The period of a dashboard, and the rows that its numbers count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, DurationField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from campaigns.drafts.models import Decision, Draft
from campaigns.models import CANDIDATE, Campaign, Candidate, Outcome
from campaigns.reports.lines import Asked
from conversations.models import AUTOMATIC_KINDS, Message
from leads.models import Lead
from leads.qualification.models import Verdict
from outreach.llm.models import Interaction

AHEAD = timedelta(days=30)
IN_TIME = Q(kind=Outcome.Kind.REPLIED, message__sent_at__lte=F("occurred_at"))
"""Answers to a message of ours."""


class Median(Aggregate):
    """The value below which the part `at` lies: half, unless said otherwise."""

    template = "percentile_cont(%(at)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: Any, *, at: float = 0.5, **extra: Any) -> None:
        super().__init__(expression, at=float(at), output_field=DurationField(), **extra)


@dataclass(frozen=True)
class Period:
    """What the dashboard is about: the days of a report, and the present moment."""

    asked: Asked
    now: datetime

    @property
    def since(self) -> datetime:
        """Its beginning; a dashboard always has one."""
        assert self.asked.since is not None
        return self.asked.since

    def holds(self, column: str) -> Q:
        """Rows whose `column` lies in the period."""
        until = Q(**{f"{column}__lt": self.asked.until}) if self.asked.until else Q()
        return Q(**{f"{column}__gte": self.since}) & until

    @property
    def query(self) -> str:
        """Its days as parameters of an address."""
        first, after = self.asked.days or (None, None)
        parts = [f"since={first.isoformat()}"] if first else []
        return "&".join([*parts, *([f"until={(after - timedelta(days=1)).isoformat()}"] if after else [])])


def behind(period: Period, name: str) -> str:
    """The address of what is behind a number."""
    return f"{reverse('dashboard:behind', args=[name])}?{period.query}"


def people(period: Period, number: str) -> str:
    """The address of the people that a report counts."""
    return f"{reverse('reports:people')}?number={number}&{period.query}"


def new_leads(period: Period) -> QuerySet[Lead]:
    """Those who were added."""
    return Lead.objects.filter(period.holds("created_at"), erased_at=None)


def verdicts(period: Period) -> QuerySet[Verdict]:
    """Decisions about whether a lead fits."""
    return Verdict.objects.filter(period.holds("created_at"))


def replies(period: Period) -> QuerySet[Outcome]:
    """Answers that came in the period to a message of ours."""
    return Outcome.objects.filter(IN_TIME, period.holds("occurred_at"))


def received(period: Period) -> QuerySet[Message]:
    """What people wrote to us, with the time of our next message to them."""
    answer = Message.objects.filter(
        conversation=OuterRef("conversation"), pk__gt=OuterRef("pk"), direction="out", sent_at__gt=OuterRef("received_at")
    )  # fmt: skip
    return (
        Message.objects.received()
        .filter(period.holds("received_at"), conversation__last_inbound_at__gte=period.since)
        .exclude(attributes__kind__in=AUTOMATIC_KINDS)
        .annotate(answered_at=Subquery(answer.order_by("sent_at").values("sent_at")[:1]))
        .filter(answered_at__isnull=False)
    )


def reviewed(period: Period) -> QuerySet[Draft]:
    """Texts that a person approved or rejected."""
    verbs = (Decision.Verb.APPROVE, Decision.Verb.REJECT)
    return Draft.objects.filter(
        period.holds("decision__created_at"), decision__verb__in=verbs, decision__undone_at=None
    ).order_by("-pk")


def calls(period: Period) -> QuerySet[Interaction]:
    """Calls to models."""
    return Interaction.objects.filter(period.holds("created_at"))


def won(period: Period) -> QuerySet[Outcome]:
    """Wins and booked calls that have a value."""
    kinds = (Outcome.Kind.WON, Outcome.Kind.BOOKED)
    return Outcome.objects.filter(period.holds("occurred_at"), kind__in=kinds, value__isnull=False)


def upcoming(period: Period) -> QuerySet[Candidate]:
    """People whose first message is planned within the next 30 days."""
    planned = Message.objects.waiting().filter(
        draft__candidate=OuterRef("pk"), scheduled_at__lt=period.now + AHEAD
    )  # fmt: skip
    return Candidate.objects.filter(Exists(planned), stage=CANDIDATE.APPROVED)


def queued(period: Period) -> QuerySet[Campaign]:
    """Campaigns whose audience was made ready in the period, from a segment that was saved before."""
    rows = Campaign.objects.filter(period.holds("audience_frozen_at"), is_demo=False)
    return rows.filter(audience_frozen_at__gte=F("segment_version__created_at"))


def drafts(period: Period) -> QuerySet[Draft]:
    """Texts that were written."""
    return Draft.objects.filter(period.holds("created_at"))
