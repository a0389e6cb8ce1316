"""Reads about campaigns that pages, API and commands share. Each is a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.drafts.models import Draft
from campaigns.models import CANDIDATE, CONTACTED, UNJUDGED, Campaign, Candidate, Outcome
from conversations.models import Message
from leads.selectors import ids_found
from outreach.core import clock
from outreach.core.surfaces import address
from outreach.jobs.models import Job

FUNNEL_STAGES = ("qualified", "drafted", "approved", "contacted", "replied", "won")
"""The way of a candidate, for bars: whoever stands at a stage has passed those before it."""


@dataclass(frozen=True)
class Bar:
    """One step of a funnel: how many came at least this far, and the list behind the number."""

    name: str
    label: str
    count: int
    url: str = ""
    colour: str = "grey"


@dataclass(frozen=True)
class Action:
    """The one thing to do next. `name` is an address of a POST; empty `name` is a link to `url`."""

    label: str
    why: str
    name: str = ""
    url: str = ""


@dataclass
class Standing:
    """Where one campaign stands, in numbers."""

    stages: dict[str, int] = field(default_factory=dict)
    drafts: dict[str, int] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)
    next_send_at: datetime | None = None
    last_sent_at: datetime | None = None

    @property
    def audience(self) -> int:
        """Everybody in the campaign except those taken out of it."""
        return sum(n for stage, n in self.stages.items() if stage not in ("excluded", "evicted"))

    @property
    def contacted(self) -> int:
        return sum(self.stages.get(stage, 0) for stage in CONTACTED)

    @property
    def unjudged(self) -> int:
        return sum(self.stages.get(stage, 0) for stage in UNJUDGED)

    @property
    def is_waiting_its_turn(self) -> bool:
        """Whether the next message is due already and only its window or a cap holds it."""
        return self.next_send_at is not None and self.next_send_at <= clock.now()

    @property
    def drafts_to_review(self) -> int:
        return self.drafts.get("pending_review", 0) + self.drafts.get("generated", 0)

    @property
    def planned(self) -> int:
        return sum(self.messages.get(state, 0) for state in ("scheduled", "deferred", "claimed", "sending"))


def standing(campaigns: Iterable[Campaign]) -> dict[int, Standing]:
    """The standing of each campaign by id: three grouped queries, however many campaigns."""
    found = {campaign.pk: Standing() for campaign in campaigns}
    ids = list(found)
    stages = Candidate.objects.filter(campaign__in=ids).values("campaign", "stage").annotate(n=Count("pk"))
    for stage in stages.order_by():
        found[stage["campaign"]].stages[stage["stage"]] = stage["n"]
    drafts = Draft.objects.filter(candidate__campaign__in=ids).exclude(
        candidate__stage__in=("excluded", "evicted", "disqualified")
    )
    for draft in drafts.values("candidate__campaign", "state").annotate(n=Count("pk")).order_by():
        found[draft["candidate__campaign"]].drafts[draft["state"]] = draft["n"]
    planned = Q(state__in=("scheduled", "deferred"))
    messages = (
        Message.objects.filter(stream__campaign__in=ids)
        .values("stream__campaign", "state")
        .annotate(n=Count("pk"), next_at=Min("scheduled_at", filter=planned), last_at=Max("sent_at"))
    )
    for row in messages.order_by():
        one = found[row["stream__campaign"]]
        one.messages[row["state"]] = row["n"]
        if row["next_at"] and (one.next_send_at is None or row["next_at"] < one.next_send_at):
            one.next_send_at = row["next_at"]
        if row["last_at"] and (one.last_sent_at is None or row["last_at"] > one.last_sent_at):
            one.last_sent_at = row["last_at"]
    return found


def funnel(campaign: Campaign, one: Standing) -> list[Bar]:
    """The campaign's funnel: each bar counts whoever came at least that far."""
    order = ("matched", "shortlisted", *FUNNEL_STAGES)
    url = reverse("campaigns:candidates", args=[campaign.pk])
    reached = {stage: sum(one.stages.get(s, 0) for s in order[i:]) for i, stage in enumerate(order)}
    lost = one.stages.get("lost", 0)
    bars = [Bar("audience", _("Audience"), one.audience, url)]
    for stage in FUNNEL_STAGES:
        state = CANDIDATE.states[stage]
        count = reached[stage] + (lost if stage in ("qualified", "drafted", "approved", "contacted") else 0)
        bars.append(Bar(stage, str(state.label), count, f"{url}?reached={stage}", state.colour))
    return bars


def next_action(campaign: Campaign, one: Standing, *, running: bool = False) -> Action | None:
    """What a person should do next with `campaign`; None when the product is at work or all is done."""
    review = address("drafts:review", campaign.pk)
    if running or campaign.state in ("completed", "archived"):
        return None
    if campaign.mode == Campaign.Mode.DAILY and campaign.state != "paused":
        return _next_of_daily(campaign, one, review)
    if campaign.state == "paused":
        return Action(_("Resume"), _("Goes on exactly where it stopped."), name="resume")
    if not campaign.audience_frozen_at:
        return Action(_("Freeze the audience"), _("Keeps who matches the segment now."), name="freeze")
    if one.audience == 0:
        return Action(
            _("Match again"), _("Nobody in the segment can be written to. Change it, then match again."), name="freeze"
        )
    if one.stages.get("matched") and campaign.brief_id:
        return Action(_("Qualify"), _("Judges everybody by the brief, with reasons."), name="qualify")
    if one.stages.get("qualified"):
        return Action(
            _("Generate drafts"), _("Writes every step in two variants for all who qualified."), name="generate"
        )
    if one.drafts_to_review and not one.drafts.get("approved"):
        return Action(_("Review drafts"), _("Nothing is sent before a person approves it."), url=review)
    if campaign.state in ("drafting", "ready") and one.drafts.get("approved"):
        return Action(_("Start sending"), _("Approved messages go out within the window and the caps."), name="start")
    if one.drafts_to_review:
        return Action(_("Review drafts"), _("These wait for a person."), url=review)
    if one.stages.get("shortlisted"):
        return Action(
            _("Decide on the unknown"),
            _("Too little is known about some; a person decides."),
            url=reverse("campaigns:candidates", args=[campaign.pk]) + "?stage=shortlisted",
        )
    return None


def _next_of_daily(campaign: Campaign, one: Standing, review: str) -> Action | None:
    if campaign.state in ("drafting", "ready"):
        return Action(_("Start"), _("From then on it begins each day with the best of its segment."), name="start")
    return Action(_("Review drafts"), _("These wait for a person."), url=review) if one.drafts_to_review else None


def candidates(
    campaign: Campaign,
    *,
    stage: str = "",
    reached: str = "",
    search: str = "",
    outcome: str = "",
    problem: bool = False,
    after: int = 0,
    limit: int = 50,
) -> list[Candidate]:
    """One page of a campaign's candidates in the order of their ids, after the id `after`, with all that a list shows."""
    rows = filtered(campaign, stage=stage, reached=reached, search=search, outcome=outcome, problem=problem)
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
    rows = Candidate.objects.filter(campaign=campaign)
    if stage:
        rows = rows.filter(stage=stage)
    if reached in FUNNEL_STAGES:
        stages = [*FUNNEL_STAGES[FUNNEL_STAGES.index(reached) :]]
        if reached in ("qualified", "drafted", "approved", "contacted"):
            stages.append("lost")
        rows = rows.filter(stage__in=stages)
    if search := search.strip():
        rows = rows.filter(lead_id__in=ids_found(search))
    if outcome in Outcome.Kind.values:
        rows = rows.filter(Exists(Outcome.objects.filter(candidate=OuterRef("pk"), kind=outcome)))
    if problem:
        rows = rows.exclude(problem="")
    return rows


def upcoming(campaign: Campaign, *, limit: int = 8) -> list[Message]:
    """The next planned messages."""
    return list(
        Message.objects.filter(stream=campaign.stream_id, state__in=("scheduled", "deferred", "claimed", "sending"))
        .select_related("lead", "sender", "draft__step")
        .order_by("scheduled_at", "pk")[:limit]
    )


def stuck(campaign: Campaign, *, limit: int = 8) -> list[Message]:
    """Messages that need a look: failed, unknown, bounced, skipped by the gate."""
    return list(
        Message.objects.filter(stream=campaign.stream_id, state__in=("failed", "unknown", "bounced", "skipped"))
        .select_related("lead", "sender")
        .order_by("-pk")[:limit]
    )


def jobs_of(campaign: Campaign, *, limit: int = 5) -> list[Job]:
    """The latest jobs about this campaign, newest first."""
    return list(Job.objects.filter(subject_type=campaign._meta.label, subject_id=str(campaign.pk))[:limit])


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


def forecast(campaign: Campaign) -> list[dict[str, Any]]:
    """What will happen, step by step, before launch: days after the first message on which each step is due."""
    day = 0
    rows = []
    for step in campaign.steps.select_related("sender", "pack_version").order_by("number"):
        day += step.delay_days
        rows.append({"step": step, "day": day})
    return rows


def campaign_rows(*, state: str = "", after: int = 0, limit: int = 50) -> QuerySet[Campaign]:
    """One page of campaigns, newest first; archived ones only when asked for."""
    rows = Campaign.objects.select_related("segment_version__segment", "brief", "stream")
    rows = rows.filter(state=state) if state else rows.exclude(state="archived")
    if after:
        rows = rows.filter(pk__lt=after)
    return rows.order_by("-pk")[:limit]


def outcome_counts(campaign: Campaign) -> list[Bar]:
    """How many candidates have each kind of outcome, with the list behind the number."""
    url = reverse("campaigns:candidates", args=[campaign.pk])
    counts = dict(
        Outcome.objects.filter(candidate__campaign=campaign)
        .values_list("kind")
        .annotate(n=Count("candidate", distinct=True))
        .order_by()
    )
    return [
        Bar(
            kind.value,
            str(kind.label),
            counts[kind.value],
            f"{url}?outcome={kind.value}",
            Outcome.COLOURS.get(kind.value, "grey"),
        )
        for kind in Outcome.Kind
        if kind.value in counts
    ]
