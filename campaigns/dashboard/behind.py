"""What is behind each number of the dashboard: the rows that it counts, each with its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from campaigns.dashboard import rows as counted
from campaigns.dashboard.figures import duration, written
from campaigns.dashboard.rows import Period
from campaigns.drafts.models import Decision, Draft
from campaigns.models import Campaign, Candidate, Outcome
from conversations.models import Message
from leads.models import Lead
from leads.qualification.models import Verdict
from outreach.core import numbers
from outreach.core.states import Text
from outreach.core.words import gettext as _
from outreach.llm.models import Interaction


@dataclass(frozen=True)
class Item:
    """A row behind a number."""

    title: str
    url: str
    note: str
    at: datetime | None


@dataclass(frozen=True)
class Behind:
    """The rows of one number, and how each is shown."""

    label: Text
    rows: Callable[[Period], QuerySet[Any]]
    item: Callable[[Any], Item]


def _lead(row: Lead) -> Item:
    return Item(str(row), reverse("leads:detail", args=[row.pk]), row.title, row.created_at)


def _verdict(row: Verdict) -> Item:
    score = "" if row.score is None else f" · {numbers.decimal(row.score, 2)}"
    note = f"{row.get_source_display()}{score}"
    return Item(str(row.lead), reverse("leads:detail", args=[row.lead_id]), note, row.created_at)


def _draft(row: Draft) -> Item:
    note = f"{row.candidate.campaign} · {row.subject or row.variant}"
    at = row.decision.created_at if row.decision else row.created_at
    return Item(str(row.candidate.lead), reverse("drafts:detail", args=[row.pk]), note, at)


def _candidate(row: Candidate) -> Item:
    url = reverse("campaigns:candidate", args=[row.campaign_id, row.pk])
    return Item(str(row.lead), url, str(row.campaign), None)


def _outcome(row: Outcome) -> Item:
    found = _candidate(row.candidate)
    notes = [found.note, row.get_kind_display()]
    if row.value is not None:
        notes.append(written(float(row.value), "value"))
    return Item(found.title, found.url, " · ".join(notes), row.occurred_at)


def _queued(row: Campaign) -> Item:
    assert row.audience_frozen_at
    took = _("audience ready after %(time)s") % {
        "time": duration(row.audience_frozen_at - row.segment_version.created_at)
    }
    note = f"{row.segment_version.segment} · {took}"
    return Item(str(row), reverse("campaigns:detail", args=[row.pk]), note, row.audience_frozen_at)


def _reply(row: Outcome) -> Item:
    found = _candidate(row.candidate)
    assert row.message and row.message.sent_at
    waited = _("answered after %(time)s") % {"time": duration(row.occurred_at - row.message.sent_at)}
    return Item(found.title, found.url, f"{found.note} · {waited}", row.occurred_at)


def _answer(row: Message) -> Item:
    waited: timedelta = row.answered_at - row.received_at  # type: ignore[attr-defined]
    note = _("answered after %(time)s") % {"time": duration(waited)}
    url = reverse("inbox:conversation", args=[row.conversation_id])
    return Item(str(row.conversation), url, note, row.received_at)


def _call(row: Interaction) -> Item:
    cost = _("no price") if row.cost_usd is None else written(float(row.cost_usd), "usd")
    return Item(str(row), reverse("traces:detail", args=[row.trace_id]), cost, row.created_at)


def _verdicts(is_qualified: bool | None) -> Callable[[Period], QuerySet[Any]]:
    def rows(period: Period) -> QuerySet[Any]:
        found = counted.verdicts(period).filter(is_qualified=is_qualified)
        return found.select_related("lead").order_by("-pk")

    return rows


def _drafts(
    chosen: Callable[[Period], QuerySet[Draft]], condition: Q | None = None
) -> Callable[[Period], QuerySet[Any]]:
    def rows(period: Period) -> QuerySet[Any]:
        found = chosen(period).filter(condition or Q())
        return found.select_related("candidate__lead", "candidate__campaign", "decision").order_by("-pk")

    return rows


def _facts(kind: str) -> Callable[[Period], QuerySet[Any]]:
    def rows(period: Period) -> QuerySet[Any]:
        found = Outcome.objects.filter(period.holds("occurred_at"), kind=kind)
        return found.select_related("candidate__lead", "candidate__campaign").order_by("-occurred_at", "-pk")

    return rows


NUMBERS: dict[str, Behind] = {
    "new_leads": Behind(gettext_lazy("New leads"), lambda p: counted.new_leads(p).order_by("-pk"), _lead),
    "qualified": Behind(gettext_lazy("Qualified"), _verdicts(True), _verdict),
    "not_qualified": Behind(gettext_lazy("Not qualified"), _verdicts(False), _verdict),
    "undecided": Behind(gettext_lazy("Not enough known"), _verdicts(None), _verdict),
    "time_to_reply": Behind(
        gettext_lazy("Time to reply"),
        lambda p: (
            counted.replies(p)
            .select_related("candidate__lead", "candidate__campaign", "message")
            .order_by(F("message__sent_at") - F("occurred_at"), "-pk")
        ),
        _reply,
    ),
    "our_time_to_answer": Behind(
        gettext_lazy("Our time to answer"),
        lambda p: (
            counted.received(p)
            .select_related("conversation__lead")
            .order_by(F("received_at") - F("answered_at"), "-pk")
        ),
        _answer,
    ),
    "reviewed": Behind(gettext_lazy("Drafts reviewed"), _drafts(counted.reviewed), _draft),
    "edited": Behind(
        gettext_lazy("Edited before approval"),
        _drafts(counted.reviewed, Q(decision__verb=Decision.Verb.APPROVE, edited_by__isnull=False)),
        _draft,
    ),
    "rejected": Behind(
        gettext_lazy("Rejected"), _drafts(counted.reviewed, Q(decision__verb=Decision.Verb.REJECT)), _draft
    ),
    "model_cost": Behind(
        gettext_lazy("Model cost"),
        lambda p: counted.calls(p).order_by(F("cost_usd").desc(nulls_last=True), "-created_at"),
        _call,
    ),
    "replies": Behind(gettext_lazy("Replied"), _facts(Outcome.Kind.REPLIED), _outcome),
    "bookings": Behind(gettext_lazy("Booked calls"), _facts(Outcome.Kind.BOOKED), _outcome),
    "value": Behind(
        gettext_lazy("Value won"),
        lambda p: (
            counted.won(p).select_related("candidate__lead", "candidate__campaign").order_by("-occurred_at", "-pk")
        ),
        _outcome,
    ),
    "planned_people": Behind(
        gettext_lazy("First messages planned"),
        lambda p: counted.upcoming(p).select_related("lead", "campaign").order_by("pk"),
        _candidate,
    ),
    "segment_to_campaign": Behind(
        gettext_lazy("From segment to campaign"),
        lambda p: counted.queued(p).select_related("segment_version__segment").order_by("-audience_frozen_at", "-pk"),
        _queued,
    ),
    "flagged": Behind(gettext_lazy("Drafts flagged"), _drafts(counted.drafts, ~Q(flags=[])), _draft),
}
"""By the name of the figure."""
