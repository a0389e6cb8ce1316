"""Use cases of a campaign as a whole: create, edit, and its lifecycle. Candidates and steps have rooms of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

from campaigns.audience.services import (
    decide,
    exclude,
    freeze_audience,
    freeze_or_start,
    include,
    qualify_candidates,
    start_freeze,
)
from campaigns.daily import discovery
from campaigns.drafts.models import Draft
from campaigns.journey.models import Turn
from campaigns.launch import checks as preflight
from campaigns.models import CAMPAIGN, CONTACTED, LANGUAGES, Campaign, Candidate, language_of
from campaigns.steps.models import Step
from campaigns.steps.plan import StepPlan, check_steps, rewrite_steps, write_steps
from conversations.models import LEFT, Message
from conversations.outbox import services as outbox
from conversations.outbox import streams
from leads.qualification.models import Brief
from leads.segments.models import SegmentVersion
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.jobs.models import Job
from outreach.jobs.services import start_job
from outreach.limits.calendars import parse_zone

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
    "freeze_or_start",
    "include",
    "make_ready",
    "pause",
    "qualify_candidates",
    "resume",
    "start",
    "start_freeze",
]

EDITABLE = ("drafting", "ready")
"""States in which plan and steps may change; afterwards a campaign is what was approved."""
IN_MOTION = ("scheduled", "claimed", "sending", "deferred", "unknown", "skipped")
"""States of a message from which something may still come; a held one waits for a person."""
MAX_PLAN = 32_767
RUNNING = ("sending", "paused")
APPLIES_TO = ("in_flight", "new")
"""Whom a change of a running campaign is for: everybody, or those only to whom nothing was sent yet."""


def create_campaign(
    *,
    name: str,
    segment_version: SegmentVersion,
    steps: Sequence[StepPlan],
    brief: Brief | None = None,
    goal: str = "",
    offer: str = "",
    offer_translations: Mapping[str, str] | None = None,
    booking_url: str = "",
    window: dict[str, Any] | None = None,
    daily_cap: int | None = None,
    start_at: datetime | None = None,
    mode: str = Campaign.Mode.ONCE,
    time_zone: str = "UTC",
    is_stopped_by_company: bool = False,
    skips_holidays: bool = False,
    daily_limit: int | None = None,
    sources: Sequence[Mapping[str, Any]] = (),
    created_by: User | None = None,
) -> Campaign:
    """A new campaign in `drafting` with its steps and a paused stream of its own.

    Raises `Invalid` naming the field: an empty or taken name, no steps, a sender or pack of another channel, a condition
    on a step that does not exist, an unknown zone, a window that never opens (also not together with a sender's hours), a cap of zero.
    """
    name = _checked_name(name)
    check_steps(steps)
    window = preflight.checked_window(window)
    preflight.check_hours(window, [step.sender for step in steps if step.sender is not None])
    words = _checked_words(goal, offer, offer_translations, booking_url)
    running = _checked_running(mode, time_zone, daily_limit, sources)
    with transaction.atomic():
        stream = streams.create_stream(name=name, window=window, daily_cap=daily_cap, skips_holidays=skips_holidays)
        try:
            with transaction.atomic():
                campaign = Campaign.objects.create(
                    name=name,
                    segment_version=segment_version,
                    brief=brief,
                    stream=stream,
                    start_at=start_at,
                    is_stopped_by_company=is_stopped_by_company,
                    skips_holidays=skips_holidays,
                    created_by=created_by,
                    **words,
                    **running,
                )
        except IntegrityError as error:
            raise Invalid("name", _("There is already a campaign of this name."), code="name_taken") from error
        write_steps(campaign, steps)
        actor = Actor.of(created_by) if created_by else Actor.system("campaigns")
        audit.record("campaign.created", subject=campaign, actor=actor, data={"steps": len(steps), "mode": mode})
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
    offer_translations: Mapping[str, str] | None = None,
    booking_url: str = "",
    window: dict[str, Any] | None = None,
    daily_cap: int | None = None,
    start_at: datetime | None = None,
    mode: str | None = None,
    time_zone: str | None = None,
    is_stopped_by_company: bool = False,
    skips_holidays: bool = False,
    daily_limit: int | None = None,
    sources: Sequence[Mapping[str, Any]] = (),
    applies_to: str = "",
) -> Campaign:
    """Change the plan. A step that already has drafts keeps its channel and pack (its texts were written for them).

    While nothing was sent, another segment or brief asks for matching and judging again. Once the campaign runs,
    `applies_to` says whom new delays, conditions and steps are for: `in_flight` (everybody: follow-ups that are planned
    are planned anew) or `new` (leads in flight keep the plan that they began with); the segment then stays.
    Raises `Invalid` naming the field, `Refused` once the campaign is over.
    """
    name = _checked_name(name)
    check_steps(steps)
    window = preflight.checked_window(window)
    preflight.check_hours(window, [step.sender for step in steps if step.sender is not None])
    words = _checked_words(goal, offer, offer_translations, booking_url)
    running = _checked_running(mode or campaign.mode, time_zone or campaign.time_zone, daily_limit, sources)
    if daily_cap is not None and daily_cap < 1:
        raise Invalid("daily_cap", _("A cap of zero sends nothing. Leave it empty, or pause instead."), code="cap_zero")
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(of=("self",)).select_related("stream").get(pk=campaign.pk)
        is_running = locked.state in RUNNING
        if locked.state not in EDITABLE and not is_running:
            raise Refused(_("This campaign is over and cannot be changed; make a new one."))
        if is_running:
            _check_running_edit(locked, segment_version, running["mode"], applies_to)
        if Campaign.objects.filter(name=name).exclude(pk=locked.pk).exists():
            raise Invalid("name", _("There is already a campaign of this name."), code="name_taken")
        if locked.segment_version_id != segment_version.pk:
            locked.audience_frozen_at = None
        locked.name, locked.segment_version, locked.brief, locked.start_at = name, segment_version, brief, start_at
        locked.is_stopped_by_company, locked.skips_holidays = is_stopped_by_company, skips_holidays
        for field, value in {**words, **running}.items():
            setattr(locked, field, value)
        locked.save()
        stream = locked.stream
        stream.name, stream.window, stream.daily_cap = name, window or {}, daily_cap
        stream.skips_holidays = skips_holidays
        stream.save(update_fields=["name", "window", "daily_cap", "skips_holidays", "updated_at"])
        keep = locked.plan_number if is_running and applies_to == "new" else None
        is_changed = rewrite_steps(locked, steps, keep_for_plan=keep)
        data = {"steps": len(steps), "applies_to": applies_to}
        audit.record("campaign.edited", subject=locked, actor=actor, data=data)
        if locked.state == "ready":
            CAMPAIGN.move(locked, "drafting", actor=actor, reason=_("The plan was changed."))
        if is_running and is_changed:
            from campaigns.journey import replanning

            replanning.apply(locked, applies_to=applies_to, actor=actor)
    return locked


def _check_running_edit(campaign: Campaign, segment_version: SegmentVersion, mode: str, applies_to: str) -> None:
    if applies_to not in APPLIES_TO:
        raise Invalid(
            "applies_to",
            _(
                "The campaign runs: say whether the change is for leads in flight too (in_flight) or for new leads (new)."
            ),
            code="missing",
        )
    if campaign.segment_version_id != segment_version.pk and campaign.mode == Campaign.Mode.ONCE:
        raise Invalid("segment", _("The campaign runs: its audience is frozen and keeps its segment."))
    if campaign.mode != mode:
        raise Invalid("mode", _("A campaign that runs keeps its mode."))


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
        streams.pause_stream(stream=campaign.stream, actor=actor, reason=reason)
    return campaign


def resume(*, campaign: Campaign, actor: Actor, started_by: User | None = None) -> Job:
    """Go on exactly where `pause` stopped; what was approved meanwhile is handed over.

    What became due during the pause leaves in its old order from now on, and what is due later stays: nothing is lost,
    doubled, or counted as missed.
    """
    with transaction.atomic():
        reanchor(campaign)
        return _open(campaign, actor=actor, started_by=started_by, sources=("paused",))


def reanchor(campaign: Campaign) -> int:
    """Give what became due while the campaign was paused a time from now on, a second apart, in its old order."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE conversations_message m SET scheduled_at = %(now)s + o.place * interval '1 second', updated_at = %(now)s
            FROM (SELECT id, row_number() OVER (ORDER BY priority DESC, scheduled_at, id) - 1 AS place
                  FROM conversations_message
                  WHERE stream_id = %(stream)s AND state IN ('scheduled', 'deferred') AND scheduled_at < %(now)s) o
            WHERE m.id = o.id AND m.state IN ('scheduled', 'deferred')
            """,
            {"now": now, "stream": campaign.stream_id},
        )
        count = int(cursor.rowcount)
    waiting = Turn.objects.filter(candidate__campaign=campaign, state="waiting", due_at__lt=now)
    waiting.update(due_at=now)
    return count


def complete(*, campaign: Campaign, actor: Actor, reason: str = "") -> Campaign:
    """End the campaign: what is still planned is cancelled, late replies and outcomes still count."""
    with transaction.atomic():
        CAMPAIGN.move(campaign, "completed", actor=actor, reason=reason, changes={"completed_at": clock.now()})
        outbox.cancel_planned(actor=actor, reason=reason or _("The campaign was completed."), stream=campaign.stream)
        _pause_if_active(campaign, actor, reason)
    return campaign


def archive(*, campaign: Campaign, actor: Actor, reason: str = "") -> Campaign:
    """Put away for good: planned messages are cancelled and the stream is closed."""
    with transaction.atomic():
        CAMPAIGN.move(campaign, "archived", actor=actor, reason=reason)
        outbox.cancel_planned(actor=actor, reason=reason or _("The campaign was archived."), stream=campaign.stream)
        campaign.stream.refresh_from_db()
        if campaign.stream.state != "closed":
            streams.close_stream(stream=campaign.stream, actor=actor, reason=reason)
    return campaign


def complete_finished() -> int:
    """Complete every sending one-off campaign in which nothing is left to do; returns how many.

    Left to do is: somebody qualified without texts, a text to review or hand over, a message that may still leave or
    whose outcome is unknown, a condition that waits, a task, and a job about the campaign. Daily campaigns never end by
    themselves.
    """
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
        .exclude(state="approved", step__condition=Step.Condition.BOUNCED)
    )
    messages = Message.objects.filter(stream=OuterRef("stream"), state__in=IN_MOTION)
    turns = Turn.objects.filter(
        candidate__campaign=OuterRef("pk"),
        state__in=("waiting", "open"),
        candidate__stage__in=("approved", "contacted"),
    )
    unbegun = Candidate.objects.filter(
        ~Exists(Turn.objects.filter(candidate=OuterRef("pk"), step=OuterRef("campaign__steps"))),
        ~Exists(Draft.objects.filter(candidate=OuterRef("pk"), message__state__in=("cancelled", "failed", "bounced"))),
        campaign=OuterRef("pk"),
        stage__in=("approved", "contacted"),
        campaign__steps__action=Step.Action.TASK,
        campaign__steps__since_plan__lte=Coalesce("plan_number", Value(MAX_PLAN)),
    )
    jobs = Job.objects.filter(
        subject_type=Campaign._meta.label,
        subject_id=Cast(OuterRef("pk"), TextField()),
        state__in=("queued", "running"),
    )
    finished = (
        Campaign.objects.filter(
            Exists(Candidate.objects.filter(campaign=OuterRef("pk"), stage__in=CONTACTED)),
            state="sending",
            mode=Campaign.Mode.ONCE,
        )
        .exclude(Exists(waiting))
        .exclude(Exists(turns))
        .exclude(Exists(unbegun))
        .exclude(Exists(jobs))
        .exclude(Exists(drafts))
        .exclude(Exists(messages))
        .select_related("stream")
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
        streams.activate_stream(stream=campaign.stream, actor=actor)
    if campaign.mode == Campaign.Mode.DAILY:
        Campaign.objects.filter(pk=campaign.pk).update(next_run_at=clock.now())
    return start_job(
        kind="campaign.hand_over",
        task="campaigns.journey.tasks.hand_over_approved",
        arguments={"campaign_id": campaign.pk},
        subject=campaign,
        started_by=started_by,
    )


def _pause_if_active(campaign: Campaign, actor: Actor, reason: str) -> None:
    campaign.stream.refresh_from_db()
    if campaign.stream.state == "active":
        streams.pause_stream(stream=campaign.stream, actor=actor, reason=reason)


def _checked_name(name: str) -> str:
    if not (name := name.strip()):
        raise Invalid("name", _("Give the campaign a name."))
    return name


def _checked_words(goal: str, offer: str, translations: Mapping[str, str] | None, booking_url: str) -> dict[str, Any]:
    """The campaign's words. An offer counts for the language that it is written in; each language once."""
    found = {code: text.strip() for code, text in (translations or {}).items() if text.strip()}
    for code, text in found.items():
        if code not in LANGUAGES:
            raise Invalid("offer_translations", _("Campaigns are written in English and Russian."), code="wrong_choice")
        if language_of(text) != code:
            raise Invalid(
                "offer_translations",
                _("The offer for %(language)s is not written in it.") % {"language": LANGUAGES[code]},
            )
    if offer.strip() and language_of(offer) in found:
        raise Invalid(
            "offer_translations",
            _("The offer stands there in %(language)s twice.") % {"language": LANGUAGES[language_of(offer)]},
        )
    return {
        "goal": goal.strip(),
        "offer": offer.strip(),
        "offer_translations": found,
        "booking_url": booking_url.strip(),
    }


def _checked_running(
    mode: str, time_zone: str, daily_limit: int | None, sources: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """How the campaign runs. Raises `Invalid` for an unknown mode or zone, a limit of zero, and sources without sense."""
    if mode not in Campaign.Mode.values:
        raise Invalid("mode", _("“%(mode)s” is no mode; there are once and daily.") % {"mode": mode})
    parse_zone(time_zone)
    if daily_limit is not None and daily_limit < 1:
        raise Invalid(
            "daily_limit", _("A cap of zero sends nothing. Leave it empty, or pause instead."), code="cap_zero"
        )
    return {
        "mode": mode,
        "time_zone": time_zone,
        "daily_limit": daily_limit,
        "sources": discovery.checked_sources(sources),
    }
