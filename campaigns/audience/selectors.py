"""Reads about candidates that pages and API share."""

from __future__ import annotations

from django.db.models import QuerySet, Subquery

from campaigns import counts
from campaigns.drafts.models import Draft
from campaigns.models import Campaign, Candidate, Outcome
from conversations.models import Message
from leads.selectors import matching

FUNNEL_STAGES = ("qualified", "drafted", "approved", "contacted", "replied", "won")
"""The way of a candidate, for bars: numbers of `campaigns.counts` after the audience."""


def page_of(rows: QuerySet[Candidate], *, after: int = 0, limit: int = 50) -> list[Candidate]:
    """One page of candidates in the order of their ids, after the id `after`, with all that a list shows."""
    return list(
        rows.filter(pk__gt=after)
        .select_related("lead__company", "verdict")
        .prefetch_related("outcomes")
        .order_by("pk")[:limit]
    )


def filtered(
    campaign: Campaign,
    *,
    stage: str = "",
    reached: str = "",
    search: str = "",
    outcome: str = "",
    problem: bool = False,
) -> QuerySet[Candidate]:
    """The candidates that a filter selects; `search` finds leads as the list of leads does."""
    rows: QuerySet[Candidate] = Candidate.objects.filter(campaign=campaign)
    if stage:
        rows = rows.filter(stage=stage)
    if reached in FUNNEL_STAGES:
        rows = rows.filter(counts.came_as_far_as(reached))
    rows = matching(rows, search, lead="lead__")
    if outcome in Outcome.Kind.values:
        rows = rows.filter(counts.has(outcome))
    if problem:
        rows = rows.exclude(problem="")
    return rows


def drafts_of(candidate: Candidate) -> list[Draft]:
    """Every draft of a candidate with its message, by step and variant."""
    return list(
        Draft.objects.filter(candidate=candidate)
        .select_related("step__sender", "interaction__trace", "message", "approved_by", "approval_rule")
        .order_by("step__number", "variant", "pk")
    )


def replies_of(candidate: Candidate) -> list[Message]:
    """What the lead wrote since this campaign first wrote to it, with the newest reading of each."""
    first = (
        Message.objects.filter(draft__candidate=candidate, sent_at__isnull=False)
        .order_by("sent_at")
        .values("sent_at")[:1]
    )
    return list(
        Message.objects.filter(lead=candidate.lead_id, direction="in", received_at__gte=Subquery(first))
        .prefetch_related("readings")
        .order_by("received_at", "pk")
    )
