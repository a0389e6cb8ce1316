"""Reads about campaigns that pages, API and commands share. Each is a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.urls import reverse

from campaigns import counts
from campaigns.audience.selectors import FUNNEL_STAGES
from campaigns.drafts.models import Draft
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign, Outcome
from campaigns.rollups import selectors as rollups
from campaigns.steps.models import Step
from conversations.models import AUTOMATIC_KINDS, MESSAGE, Message
from leads.models import Lead
from outreach.core import clock
from outreach.core.words import gettext as _
from outreach.jobs.models import Job


@dataclass(frozen=True)
class Bar:
    """One step of a funnel: how many came at least this far, and the list behind the number."""

    name: str
    label: str
    count: int
    url: str = ""
    colour: str = "grey"


@dataclass
class Standing:
    """One campaign in numbers."""

    numbers: counts.Numbers = field(default_factory=counts.Numbers)
    drafts_to_review: int = 0
    """Messages that wait for a person, whatever the number of their variants."""
    people_to_review: int = 0
    """People with such a message."""
    planned: int = 0
    """Messages that are still to leave."""
    next_message: Message | None = None
    """The first of them that waits, with its sender."""

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
    def next_send_at(self) -> datetime | None:
        return self.next_message.scheduled_at if self.next_message else None


def standing(campaigns: Iterable[Campaign]) -> dict[int, Standing]:
    """The standing of each campaign by id: a fixed number of grouped queries, however many campaigns."""
    found = {campaign.pk: Standing() for campaign in campaigns}
    ids = list(found)
    for pk, numbers in rollups.by_campaign(ids).items():
        found[pk].numbers = numbers
    for pk, (messages, people) in counts.review_by_campaign(ids).items():
        found[pk].drafts_to_review, found[pk].people_to_review = messages, people
    upcoming = Message.objects.filter(stream__campaign__in=ids, state__in=MESSAGE.upcoming).order_by()
    for pk, n in upcoming.values_list("stream__campaign").annotate(n=Count("*")):
        found[pk].planned = n
    for pk, message in _next_messages(ids).items():
        found[pk].next_message = message
    return found


def _next_messages(ids: list[int]) -> dict[int, Message]:
    """The message of each campaign that waits and is due first: a look into an index for each, then one query."""
    waiting = Message.objects.waiting().filter(stream=OuterRef("stream")).order_by("scheduled_at", "pk")
    rows = Campaign.objects.filter(pk__in=ids).order_by().values_list("pk", Subquery(waiting.values("pk")[:1]))
    first = {message: pk for pk, message in rows if message}
    return {first[row.pk]: row for row in Message.objects.filter(pk__in=first).select_related("sender")}


def messages_by_state(campaign: Campaign) -> dict[str, int]:
    """The campaign's messages by state."""
    rows = Message.objects.filter(stream=campaign.stream_id).order_by()
    return dict(rows.values_list("state").annotate(n=Count("*")))


def texts_by_state(campaign: Campaign) -> dict[str, int]:
    """The campaign's texts by state; those of people who are out of it do not count."""
    texts = Draft.objects.filter(step__campaign=campaign).exclude(candidate__stage__in=CANDIDATE.out)
    return dict(texts.order_by().values_list("state").annotate(n=Count("*")))


def funnel(campaign: Campaign, one: Standing) -> list[Bar]:
    """The campaign's funnel: each bar counts whoever came at least that far."""
    url = reverse("campaigns:candidates", args=[campaign.pk])
    counted = one.numbers.as_dict()
    bars = [Bar("audience", _("Audience"), one.audience, url)]
    for stage in FUNNEL_STAGES:
        state = CANDIDATE.states[stage]
        bars.append(Bar(stage, str(state.label), counted[stage], f"{url}?reached={stage}", state.colour))
    return bars


def beside_the_funnel(campaign: Campaign, one: Standing) -> list[Bar]:
    """Who is not on the way any more, or not yet decided: what the funnel does not show."""
    url = reverse("campaigns:candidates", args=[campaign.pk])
    return [
        Bar(name, str(state.label), one.stages[name], f"{url}?stage={name}", state.colour)
        for name, state in CANDIDATE.states.items()
        if name not in FUNNEL_STAGES and one.stages.get(name)
    ]


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
        Button("campaigns:qualify", _("Qualify again")): bool(
            campaign.audience_frozen_at and campaign.brief_id and is_live
        ),
        Button("campaigns:take-everyone", _("Take everyone"), _("Drop the brief and take everyone in the segment?")): (
            bool(campaign.audience_frozen_at) and campaign.brief_id is not None and is_live
        ),
        Button(
            "campaigns:complete", _("Complete"), _("Complete this campaign? Messages still planned will be cancelled.")
        ): (CAMPAIGN.allows(state, "completed")),
        Button("campaigns:widen-hours", _("Widen hours"), _("Send every day from 08:00 to 20:00?")): (
            is_live and bool(campaign.stream.window)
        ),
        Button("campaigns:archive", _("Archive"), style="is-danger"): CAMPAIGN.allows(state, "archived"),
    }
    return [button for button, is_offered in offered.items() if is_offered]


def upcoming(campaign: Campaign, *, limit: int = 8) -> list[Message]:
    """The next planned messages, in the order and at the times of the outbox."""
    return list(
        Message.objects.filter(stream=campaign.stream_id, state__in=MESSAGE.upcoming)
        .select_related("lead", "sender")
        .only("state", "scheduled_at", "lead__full_name", "lead__title", "sender__state")
        .order_by("scheduled_at", "pk")[:limit]
    )


def stuck(campaign: Campaign, *, limit: int = 8) -> list[Message]:
    """Messages that need a look: failed, unknown, bounced, skipped by the gate."""
    return list(
        Message.objects.filter(stream=campaign.stream_id, state__in=MESSAGE.stuck)
        .select_related("lead")
        .only("state", "error", "refused_by", "lead__full_name", "lead__title")
        .order_by("-pk")[:limit]
    )


def jobs_of(campaign: Campaign, *, limit: int = 5) -> list[Job]:
    """The latest jobs about this campaign, newest first."""
    return list(campaign.jobs()[:limit])


def steps_of(campaign: Campaign) -> list[Step]:
    """The campaign's steps in their order, with senders and packs."""
    return list(campaign.steps.select_related("sender", "pack_version").order_by("number"))


def forecast(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """What will happen, step by step, before launch: days after the first message on which each step is due."""
    day = 0
    rows = []
    for step in steps:
        day += step.delay_days
        rows.append({"step": step, "day": day})
    return rows


def campaign_rows(*, state: str = "", search: str = "", after: int = 0, limit: int = 50) -> QuerySet[Campaign]:
    """One page of campaigns, newest first; archived ones only when asked for."""
    rows = Campaign.objects.select_related("segment_version__segment", "brief", "stream")
    rows = rows.filter(state=state) if state else rows.exclude(state=CAMPAIGN.ARCHIVED)
    if search.strip():
        rows = rows.filter(name__icontains=search.strip())
    if after:
        rows = rows.filter(pk__lt=after)
    return rows.order_by("-pk")[:limit]


def outcome_counts(campaign: Campaign, one: Standing) -> list[Bar]:
    """How many candidates have each kind of outcome, with the list behind the number."""
    url = reverse("campaigns:candidates", args=[campaign.pk])
    beyond = Outcome.objects.filter(candidate__campaign=campaign, kind__in=(Outcome.Kind.WON, Outcome.Kind.LOST))
    ends = dict(beyond.order_by().values_list("kind").annotate(n=Count("candidate", distinct=True)))
    found = {**one.numbers.facts, **ends}
    return [
        Bar(
            kind.value,
            str(kind.label),
            found[kind.value],
            f"{url}?outcome={kind.value}",
            Outcome.COLOURS.get(kind.value, "grey"),
        )
        for kind in Outcome.Kind
        if found.get(kind.value)
    ]


@dataclass(frozen=True)
class Reply:
    """Someone who answered a campaign, with what they wrote last."""

    lead: Lead
    conversation_id: int
    text: str
    replied_at: datetime


def latest_replies(campaign: Campaign, *, limit: int = 5) -> list[Reply]:
    """Who answered last: two queries."""
    rows = Outcome.objects.filter(candidate__campaign=campaign, kind=Outcome.Kind.REPLIED)
    found = list(rows.select_related("candidate__lead").order_by("-occurred_at", "-pk")[: 2 * limit])
    leads = {row.candidate.lead_id: row for row in reversed(found)}
    if not leads:
        return []
    texts = Message.objects.received().filter(lead__in=leads).exclude(attributes__kind__in=AUTOMATIC_KINDS)
    latest = texts.order_by("lead", "-received_at", "-pk").distinct("lead")
    replies = [
        Reply(leads[m.lead_id].candidate.lead, m.conversation_id, m.body, m.received_at or m.created_at)
        for m in latest
        if m.lead_id is not None
    ]
    return sorted(replies, key=lambda reply: reply.replied_at, reverse=True)[:limit]
