"""Use cases of a campaign as a whole: create, edit, and its lifecycle. Candidates and steps have rooms of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from campaigns import preflight
from campaigns.candidates.services import decide, exclude, freeze_audience, include, qualify_candidates
from campaigns.drafts.models import Draft
from campaigns.models import CAMPAIGN, CONTACTED, Campaign, Candidate
from campaigns.sequences.models import Step
from conversations.delivery import services as delivery
from conversations.models import LEFT, Message
from conversations.senders.models import Sender
from leads.qualification.models import Brief
from leads.segments.models import SegmentVersion
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.jobs.models import Job
from outreach.jobs.services import start_job
from outreach.prompts.models import PackVersion

__all__ = [
    "StepPlan",
    "archive",
    "complete",
    "complete_finished",
    "create_campaign",
    "decide",
    "edit_campaign",
    "exclude",
    "freeze_audience",
    "include",
    "make_ready",
    "pause",
    "qualify_candidates",
    "resume",
    "start",
]

EDITABLE = ("drafting", "ready")
"""States in which plan and steps may change; afterwards a campaign is what was approved."""
IN_MOTION = ("scheduled", "claimed", "sending", "deferred", "unknown")
"""States of a message from which something may still come."""


@dataclass(frozen=True)
class StepPlan:
    """One message of the sequence, as a person plans it. `delay_days` are working days after the step before."""

    channel: str
    sender: Sender
    pack_version: PackVersion
    delay_days: int = 0
    is_in_thread: bool = True


def create_campaign(
    *,
    name: str,
    segment_version: SegmentVersion,
    steps: Sequence[StepPlan],
    brief: Brief | None = None,
    goal: str = "",
    offer: str = "",
    booking_url: str = "",
    window: dict[str, Any] | None = None,
    daily_cap: int | None = None,
    start_at: datetime | None = None,
    created_by: User | None = None,
) -> Campaign:
    """A new campaign in `drafting` with its steps and a paused stream of its own.

    Raises `Invalid` naming the field: an empty or taken name, no steps, a sender or pack of another channel.
    """
    name = _checked_name(name)
    _check_steps(steps)
    window = preflight.checked_window(window)
    with transaction.atomic():
        stream = delivery.create_stream(name=name, window=window, daily_cap=daily_cap)
        try:
            with transaction.atomic():
                campaign = Campaign.objects.create(
                    name=name,
                    goal=goal.strip(),
                    offer=offer.strip(),
                    booking_url=booking_url.strip(),
                    segment_version=segment_version,
                    brief=brief,
                    stream=stream,
                    start_at=start_at,
                    created_by=created_by,
                )
        except IntegrityError as error:
            raise Invalid("name", _("There is already a campaign of this name."), code="name_taken") from error
        _write_steps(campaign, steps)
        actor = Actor.of(created_by) if created_by else Actor.system("campaigns")
        audit.record("campaign.created", subject=campaign, actor=actor, data={"steps": len(steps)})
    return campaign


def edit_campaign(
    *,
    campaign: Campaign,
    actor: Actor,
    name: str,
    segment_version: SegmentVersion,
    steps: Sequence[StepPlan],
    brief: Brief | None = None,
    goal: str = "",
    offer: str = "",
    booking_url: str = "",
    window: dict[str, Any] | None = None,
    daily_cap: int | None = None,
    start_at: datetime | None = None,
) -> Campaign:
    """Change the plan while nothing has been sent.

    A step that already has drafts keeps its channel and pack (its texts were written for them); another segment or
    brief asks for matching and judging again. Raises `Refused` once the campaign has started.
    """
    name = _checked_name(name)
    _check_steps(steps)
    window = preflight.checked_window(window)
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().select_related("stream").get(pk=campaign.pk)
        if locked.state not in EDITABLE:
            raise Refused(_("A campaign that has started cannot be changed; pause it and make a new one."))
        if Campaign.objects.filter(name=name).exclude(pk=locked.pk).exists():
            raise Invalid("name", _("There is already a campaign of this name."), code="name_taken")
        if locked.segment_version_id != segment_version.pk:
            locked.audience_frozen_at = None
        locked.name, locked.goal, locked.offer = name, goal.strip(), offer.strip()
        locked.booking_url, locked.segment_version, locked.brief = booking_url.strip(), segment_version, brief
        locked.start_at = start_at
        locked.save()
        stream = locked.stream
        stream.name, stream.window, stream.daily_cap = name, window or {}, daily_cap
        stream.save(update_fields=["name", "window", "daily_cap", "updated_at"])
        _rewrite_steps(locked, steps)
        audit.record("campaign.edited", subject=locked, actor=actor, data={"steps": len(steps)})
        if locked.state == "ready":
            CAMPAIGN.move(locked, "drafting", actor=actor, reason=_("The plan was changed."))
    return locked


def make_ready(*, campaign: Campaign, actor: Actor) -> Campaign:
    """drafting → ready. Raises `Refused` (code `not_ready`) with everything that is missing, in words."""
    missing = [p.text for p in preflight.check(campaign) if p.is_blocking]
    if missing:
        raise Refused(" ".join(missing), code="not_ready")
    CAMPAIGN.move(campaign, "ready", actor=actor)
    return campaign


def start(*, campaign: Campaign, actor: Actor, started_by: User | None = None) -> Job:
    """Begin sending: activates the stream and hands approved drafts over. Returns the job that does so.

    A campaign in `drafting` is checked and made ready first. Drafts approved later are handed over when approved.
    """
    with transaction.atomic():
        if campaign.state == "drafting":
            make_ready(campaign=campaign, actor=actor)
        elif campaign.state == "ready":
            missing = [p.text for p in preflight.check(campaign) if p.is_blocking]
            if missing:
                raise Refused(" ".join(missing), code="not_ready")
        return _open(campaign, actor=actor, started_by=started_by, sources=("ready", "completed"))


def pause(*, campaign: Campaign, actor: Actor, reason: str = "") -> Campaign:
    """Stop after what is on the wire: planned messages stay planned and go nowhere until `resume`."""
    with transaction.atomic():
        CAMPAIGN.move(campaign, "paused", actor=actor, reason=reason)
        delivery.pause_stream(stream=campaign.stream, actor=actor, reason=reason)
    return campaign


def resume(*, campaign: Campaign, actor: Actor, started_by: User | None = None) -> Job:
    """Go on exactly where `pause` stopped; what was approved meanwhile is handed over."""
    with transaction.atomic():
        return _open(campaign, actor=actor, started_by=started_by, sources=("paused",))


def complete(*, campaign: Campaign, actor: Actor, reason: str = "") -> Campaign:
    """End the campaign: what is still planned is cancelled, late replies and outcomes still count."""
    with transaction.atomic():
        CAMPAIGN.move(campaign, "completed", actor=actor, reason=reason, changes={"completed_at": clock.now()})
        delivery.cancel_planned(actor=actor, reason=reason or _("The campaign was completed."), stream=campaign.stream)
        _pause_if_active(campaign, actor, reason)
    return campaign


def archive(*, campaign: Campaign, actor: Actor, reason: str = "") -> Campaign:
    """Put away for good: planned messages are cancelled and the stream is closed."""
    with transaction.atomic():
        CAMPAIGN.move(campaign, "archived", actor=actor, reason=reason)
        delivery.cancel_planned(actor=actor, reason=reason or _("The campaign was archived."), stream=campaign.stream)
        campaign.stream.refresh_from_db()
        if campaign.stream.state != "closed":
            delivery.close_stream(stream=campaign.stream, actor=actor, reason=reason)
    return campaign


def complete_finished() -> int:
    """Complete every sending campaign in which nothing is left to do; returns how many."""
    waiting = Candidate.objects.filter(campaign=OuterRef("pk"), stage="qualified", problem="")
    sibling = Draft.objects.filter(
        candidate=OuterRef("candidate"), step=OuterRef("step"), state__in=("approved", "handed_over")
    )
    followed = Draft.objects.filter(
        Q(state__in=("generated", "pending_review", "approved")) | Q(state="handed_over", message__state__in=LEFT),
        candidate=OuterRef("candidate"),
        step__number__lt=OuterRef("step__number"),
    )
    drafts = (
        Draft.objects.filter(candidate__campaign=OuterRef("pk"), state__in=("generated", "pending_review", "approved"))
        .exclude(candidate__stage__in=("replied", "won", "lost", "excluded", "disqualified", "evicted"))
        .exclude(Exists(sibling), state__in=("generated", "pending_review"))
        .exclude(~Exists(followed), state="approved", step__number__gt=1)
    )
    messages = Message.objects.filter(stream=OuterRef("stream"), state__in=IN_MOTION)
    finished = (
        Campaign.objects.filter(state="sending", candidates__stage__in=CONTACTED)
        .exclude(Exists(waiting))
        .exclude(Exists(drafts))
        .exclude(Exists(messages))
        .select_related("stream")
        .distinct()
    )
    count = 0
    for campaign in finished:
        try:
            complete(campaign=campaign, actor=Actor.system("campaigns"), reason=_("Nothing is left to do."))
        except Refused:  # a person was first
            continue
        count += 1
    return count


def _open(campaign: Campaign, *, actor: Actor, started_by: User | None, sources: tuple[str, ...]) -> Job:
    CAMPAIGN.move(campaign, "sending", actor=actor, sources=sources, changes={"completed_at": None})
    campaign.stream.refresh_from_db()
    if campaign.stream.state != "active":
        delivery.activate_stream(stream=campaign.stream, actor=actor)
    return start_job(
        kind="campaign.hand_over",
        task="campaigns.sequences.tasks.hand_over_approved",
        arguments={"campaign_id": campaign.pk},
        subject=campaign,
        started_by=started_by,
    )


def _pause_if_active(campaign: Campaign, actor: Actor, reason: str) -> None:
    campaign.stream.refresh_from_db()
    if campaign.stream.state == "active":
        delivery.pause_stream(stream=campaign.stream, actor=actor, reason=reason)


def _checked_name(name: str) -> str:
    if not (name := name.strip()):
        raise Invalid("name", _("Give the campaign a name."))
    return name


def _check_steps(steps: Sequence[StepPlan]) -> None:
    if not steps:
        raise Invalid("steps", _("A campaign needs at least one step."))
    for number, step in enumerate(steps, 1):
        if step.sender.channel != step.channel:
            raise Invalid(
                "steps",
                _("Step %(number)s goes by %(channel)s, but “%(sender)s” is a sender for another channel.")
                % {"number": number, "channel": step.channel, "sender": step.sender},
            )
        if step.pack_version.channel != step.channel:
            raise Invalid(
                "steps",
                _("Step %(number)s goes by %(channel)s, but the prompt pack “%(pack)s” writes for another channel.")
                % {"number": number, "channel": step.channel, "pack": step.pack_version.name},
            )


def _write_steps(campaign: Campaign, steps: Sequence[StepPlan]) -> None:
    Step.objects.bulk_create(
        Step(
            campaign=campaign,
            number=number,
            channel=step.channel,
            sender=step.sender,
            pack_version=step.pack_version,
            delay_days=0 if number == 1 else step.delay_days,
            is_in_thread=number > 1 and step.is_in_thread,
        )
        for number, step in enumerate(steps, 1)
    )


def _rewrite_steps(campaign: Campaign, steps: Sequence[StepPlan]) -> None:
    """Update steps in place, so that drafts keep theirs; a step with drafts is neither dropped nor re-purposed."""
    existing = {
        s.number: s for s in campaign.steps.annotate(has_drafts=Exists(Draft.objects.filter(step=OuterRef("pk"))))
    }
    for number, plan in enumerate(steps, 1):
        step = existing.pop(number, None) or Step(campaign=campaign, number=number)
        if getattr(step, "has_drafts", False) and (step.channel, step.pack_version_id) != (
            plan.channel,
            plan.pack_version.pk,
        ):
            raise Refused(
                _("Step %(number)s already has drafts: it keeps its channel and prompt pack.") % {"number": number}
            )
        step.channel, step.sender, step.pack_version = plan.channel, plan.sender, plan.pack_version
        step.delay_days = 0 if number == 1 else plan.delay_days
        step.is_in_thread = number > 1 and plan.is_in_thread
        step.save()
    for step in existing.values():
        if getattr(step, "has_drafts", False):
            raise Refused(_("Step %(number)s already has drafts and cannot be dropped.") % {"number": step.number})
        step.delete()
