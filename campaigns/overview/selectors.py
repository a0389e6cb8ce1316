"""Reads about campaigns that pages, API and commands share. Each is a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import counts
from campaigns.audience.selectors import FUNNEL_STAGES
from campaigns.audience.services import unjudged
from campaigns.drafts.models import Draft
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign, Candidate, Outcome
from conversations.models import MESSAGE, Message
from outreach.core import clock
from outreach.core.navigation import address
from outreach.jobs.models import Job


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
    """The one thing to do next. `name` is the name of a POST address; empty `name` is a link to `url`."""

    label: str
    why: str
    name: str = ""
    url: str = ""


@dataclass
class Standing:
    """One campaign in numbers."""

    numbers: counts.Numbers = field(default_factory=counts.Numbers)
    drafts: dict[str, int] = field(default_factory=dict)
    drafts_to_review: int = 0
    """Messages that wait for a person, whatever the number of their variants."""
    messages: dict[str, int] = field(default_factory=dict)
    next_send_at: datetime | None = None
    last_sent_at: datetime | None = None

    @property
    def stages(self) -> Mapping[str, int]:
        """People by present stage."""
        return self.numbers.stages

    @property
    def audience(self) -> int:
        return self.numbers.audience

    @property
    def contacted(self) -> int:
        return self.numbers.contacted

    @property
    def unjudged(self) -> int:
        return sum(self.stages.get(stage, 0) for stage in CANDIDATE.unjudged)

    @property
    def is_waiting_its_turn(self) -> bool:
        """Whether the next message is due already and only its window or a cap holds it."""
        return self.next_send_at is not None and self.next_send_at <= clock.now()

    @property
    def planned(self) -> int:
        return sum(self.messages.get(state, 0) for state in MESSAGE.upcoming)


def standing(campaigns: Iterable[Campaign]) -> dict[int, Standing]:
    """The standing of each campaign by id: a fixed number of grouped queries, however many campaigns."""
    found = {campaign.pk: Standing() for campaign in campaigns}
    ids = list(found)
    for pk, numbers in counts.by_campaign(ids).items():
        found[pk].numbers = numbers
    drafts = Draft.objects.filter(candidate__campaign__in=ids)
    for pk, n in counts.to_review_by_campaign(drafts).items():
        found[pk].drafts_to_review = n
    states = drafts.exclude(candidate__stage__in=CANDIDATE.out).values("candidate__campaign", "state")
    for draft in states.annotate(n=Count("pk")).order_by():
        found[draft["candidate__campaign"]].drafts[draft["state"]] = draft["n"]
    planned = Q(state__in=MESSAGE.waiting)
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
    url = reverse("campaigns:candidates", args=[campaign.pk])
    counted = one.numbers.as_dict()
    bars = [Bar("audience", _("Audience"), one.audience, url)]
    for stage in FUNNEL_STAGES:
        state = CANDIDATE.states[stage]
        bars.append(Bar(stage, str(state.label), counted[stage], f"{url}?reached={stage}", state.colour))
    return bars


def next_action(campaign: Campaign, one: Standing, *, running: bool = False) -> Action | None:
    """What a person should do next with `campaign`; None when the product is at work or all is done."""
    review = address("drafts:review", campaign.pk)
    if running or campaign.state in CAMPAIGN.over:
        return None
    if campaign.mode == Campaign.Mode.DAILY and not campaign.is_paused:
        return _next_of_daily(campaign, one, review)
    if campaign.is_paused:
        return Action(_("Resume"), _("Continues exactly where it stopped."), name="campaigns:resume")
    if not campaign.audience_frozen_at:
        return Action(
            _("Freeze the audience"),
            _("Fixes the audience to everyone who matches the segment now."),
            name="campaigns:freeze",
        )
    if one.audience == 0:
        return Action(
            _("Match again"),
            _("No one in the segment can be contacted. Change it, then match again."),
            name="campaigns:freeze",
        )
    if one.stages.get("matched") and campaign.brief_id:
        return Action(_("Qualify"), _("Qualifies everyone by the brief, with reasons."), name="campaigns:qualify")
    if (one.stages.get("qualified") or one.stages.get("drafted")) and not campaign.offer.strip():
        return Action(
            _("Write the offer"),
            _("Drafts are written from the offer, and this campaign has none yet."),
            url=reverse("campaigns:edit", args=[campaign.pk]),
        )
    if one.stages.get("qualified"):
        return Action(
            _("Generate drafts"),
            _("Writes every step in two variants for everyone who qualified."),
            name="campaigns:generate",
        )
    return _next_of_review(campaign, one, review)


def _next_of_review(campaign: Campaign, one: Standing, review: str) -> Action | None:
    """The same once every draft that can be written is there."""
    if one.drafts_to_review and not one.drafts.get("approved"):
        return Action(_("Review drafts"), _("Nothing is sent until a person approves it."), url=review)
    if campaign.state in CAMPAIGN.editable and one.drafts.get("approved"):
        return Action(
            _("Start sending"), _("Approved messages are sent within the window and caps."), name="campaigns:start"
        )
    if one.drafts_to_review:
        return Action(_("Review drafts"), _("These need a person."), url=review)
    if one.stages.get("disqualified") and not one.stages.get("shortlisted") and not one.contacted:
        return _next_of_refused(campaign)
    if one.stages.get("shortlisted"):
        return Action(
            _("Decide unclear cases"),
            _("Too little is known about some leads. Please decide."),
            url=reverse("campaigns:candidates", args=[campaign.pk]) + "?stage=shortlisted",
        )
    return None


def _next_of_refused(campaign: Campaign) -> Action:
    """What to do where the brief let no one through: judge again after a change, else change it."""
    if campaign.brief is not None and unjudged(campaign).exists():
        return Action(_("Qualify"), _("The brief has changed. Judges everyone again."), name="campaigns:qualify")
    refused = Candidate.objects.filter(campaign=campaign, stage=CANDIDATE.DISQUALIFIED).values("stage_reason")
    usual = refused.annotate(n=Count("pk")).order_by("-n").first()
    why = _("No one passed the brief “%(brief)s”. Most often: %(reason)s Change the brief, or take everyone.") % {
        "brief": campaign.brief or "",
        "reason": usual["stage_reason"] if usual else "",
    }
    url = reverse("briefs:edit", args=[campaign.brief_id]) if campaign.brief_id else ""
    return Action(_("Change the brief"), why, url=url or reverse("campaigns:edit", args=[campaign.pk]))


def _next_of_daily(campaign: Campaign, one: Standing, review: str) -> Action | None:
    if campaign.state in CAMPAIGN.editable:
        return Action(
            _("Start"), _("From then on it starts each day with the best of its segment."), name="campaigns:start"
        )
    return Action(_("Review drafts"), _("These need a person."), url=review) if one.drafts_to_review else None


@dataclass(frozen=True)
class Button:
    """One of the rarer things to do with a campaign. `url` is the name of a POST address that takes its id."""

    url: str
    label: str
    confirm: str = ""
    style: str = "is-quiet"


def buttons(campaign: Campaign) -> list[Button]:
    """What else a person may do with the campaign now."""
    is_live, state = campaign.state in CAMPAIGN.live, campaign.state
    offered = {
        Button("campaigns:run-day", _("Look for today's best now")): (
            campaign.mode == Campaign.Mode.DAILY and campaign.is_sending
        ),
        Button("campaigns:discover", _("Search the sources")): bool(campaign.sources) and is_live,
        Button("campaigns:freeze", _("Match the segment again")): bool(campaign.audience_frozen_at) and is_live,
        Button("campaigns:take-everyone", _("Take everyone"), _("Drop the brief and take everyone in the segment?")): (
            bool(campaign.audience_frozen_at) and campaign.brief_id is not None and is_live
        ),
        Button(
            "campaigns:complete", _("Complete"), _("Complete this campaign? Messages still planned will be cancelled.")
        ): (CAMPAIGN.allows(state, "completed")),
        Button("campaigns:start", _("Reopen")): campaign.is_completed,
        Button("campaigns:archive", _("Archive"), style="is-danger"): CAMPAIGN.allows(state, "archived"),
    }
    return [button for button, is_offered in offered.items() if is_offered]


def headline(campaign: Campaign) -> str:
    """What to say when there is nothing to do."""
    if campaign.is_sending:
        return _("Nothing to do: the campaign is running")
    return _("Done") if campaign.is_completed else ""


def upcoming(campaign: Campaign, *, limit: int = 8) -> list[Message]:
    """The next planned messages."""
    return list(
        Message.objects.filter(stream=campaign.stream_id, state__in=MESSAGE.upcoming)
        .select_related("lead", "sender", "draft__step")
        .order_by("scheduled_at", "pk")[:limit]
    )


def stuck(campaign: Campaign, *, limit: int = 8) -> list[Message]:
    """Messages that need a look: failed, unknown, bounced, skipped by the gate."""
    return list(
        Message.objects.filter(stream=campaign.stream_id, state__in=MESSAGE.stuck)
        .select_related("lead", "sender")
        .order_by("-pk")[:limit]
    )


def jobs_of(campaign: Campaign, *, limit: int = 5) -> list[Job]:
    """The latest jobs about this campaign, newest first."""
    return list(campaign.jobs()[:limit])


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
    rows = rows.filter(state=state) if state else rows.exclude(state=CAMPAIGN.ARCHIVED)
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
