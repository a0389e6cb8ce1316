"""The lifecycle of a campaign: make it ready, start, pause, resume, complete, archive."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce

from campaigns.drafts.models import DRAFT, Draft
from campaigns.journey.models import Turn
from campaigns.launch import checks
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign, Candidate
from campaigns.steps.models import Step
from conversations.models import MESSAGE, Message
from conversations.outbox import services as outbox
from conversations.outbox import streams
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.jobs.models import JOB, Job
from outreach.jobs.services import start_job

MAX_PLAN = 32_767


def make_ready(*, campaign: Campaign, actor: Actor) -> Campaign:
    """drafting → ready. Raises `Refused` (code `not_ready`) with everything that is missing, in words."""
    missing = [p.text for p in checks.check(campaign) if p.is_blocking]
    if missing:
        raise Refused(" ".join(missing), code="not_ready")
    CAMPAIGN.move(campaign, "ready", actor=actor)
    return campaign


def start(*, campaign: Campaign, actor: Actor, started_by: User | None = None) -> Job:
    """Start sending: activates the stream and hands over approved drafts. Returns the job that does so.

    A campaign in `drafting` is checked and made ready first. Drafts approved later are handed over when approved.
    """
    with transaction.atomic():
        if campaign.is_drafting:
            make_ready(campaign=campaign, actor=actor)
        elif campaign.is_ready:
            missing = [p.text for p in checks.check(campaign) if p.is_blocking]
            if missing:
                raise Refused(" ".join(missing), code="not_ready")
        return _open(campaign, actor=actor, started_by=started_by, sources=("ready", "completed"))


def pause(*, campaign: Campaign, actor: Actor, reason: str = "") -> Campaign:
    """Stop after what is on the wire: planned messages stay planned and go nowhere until `resume`."""
    with transaction.atomic():
        CAMPAIGN.move(campaign, "paused", actor=actor, reason=reason)
        publish("campaign.paused", campaign_id=campaign.pk)
        streams.pause_stream(stream=campaign.stream, actor=actor, reason=reason)
    return campaign


def resume(*, campaign: Campaign, actor: Actor, started_by: User | None = None) -> Job:
    """Continue exactly where `pause` stopped; what was approved in the meantime is handed over.

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
    Turn.objects.waiting().filter(candidate__campaign=campaign, due_at__lt=now).update(due_at=now)
    return count


def complete(*, campaign: Campaign, actor: Actor, reason: str = "") -> Campaign:
    """End the campaign: what is still planned is cancelled, late replies and outcomes still count."""
    with transaction.atomic():
        CAMPAIGN.move(campaign, "completed", actor=actor, reason=reason, changes={"completed_at": clock.now()})
        publish("campaign.completed", campaign_id=campaign.pk)
        outbox.cancel_planned(actor=actor, reason=reason or _("The campaign was completed."), stream=campaign.stream)
        _pause_if_active(campaign, actor, reason)
    return campaign


def archive(*, campaign: Campaign, actor: Actor, reason: str = "") -> Campaign:
    """Archive: planned messages are cancelled and the stream is closed."""
    with transaction.atomic():
        CAMPAIGN.move(campaign, "archived", actor=actor, reason=reason)
        outbox.cancel_planned(actor=actor, reason=reason or _("The campaign was archived."), stream=campaign.stream)
        campaign.stream.refresh_from_db()
        if not campaign.stream.is_closed:
            streams.close_stream(stream=campaign.stream, actor=actor, reason=reason)
    return campaign


def complete_finished() -> int:
    """Complete every sending one-off campaign with nothing left to do; returns how many.

    Left to do is: somebody qualified without texts, a text to review or hand over, a message that may still leave or
    whose outcome is unknown, a condition that waits, a task, and a job about the campaign. Daily campaigns never end by
    themselves.
    """
    waiting = Candidate.objects.filter(campaign=OuterRef("pk"), stage=CANDIDATE.QUALIFIED, problem="")
    sibling = Draft.objects.final().filter(candidate=OuterRef("candidate"), step=OuterRef("step"))
    followed = Draft.objects.filter(
        Q(state__in=DRAFT.open) | Q(state=DRAFT.HANDED_OVER, message__state__in=MESSAGE.left),
        candidate=OuterRef("candidate"),
        step__number__lt=OuterRef("step__number"),
    )
    drafts = (
        Draft.objects.filter(candidate__campaign=OuterRef("pk"), state__in=DRAFT.open)
        .exclude(candidate__stage__in=CANDIDATE.ended)
        .exclude(Exists(sibling), state__in=DRAFT.undecided)
        .exclude(~Exists(followed), state=DRAFT.APPROVED, step__number__gt=1)
        .exclude(state=DRAFT.APPROVED, step__condition=Step.Condition.BOUNCED)
    )
    messages = Message.objects.filter(stream=OuterRef("stream"), state__in=MESSAGE.in_motion)
    turns = Turn.objects.pending().filter(candidate__campaign=OuterRef("pk"), candidate__stage__in=CANDIDATE.on_the_way)
    unbegun = Candidate.objects.filter(
        ~Exists(Turn.objects.filter(candidate=OuterRef("pk"), step=OuterRef("campaign__steps"))),
        ~Exists(Draft.objects.filter(candidate=OuterRef("pk"), message__state__in=MESSAGE.undelivered)),
        campaign=OuterRef("pk"),
        stage__in=CANDIDATE.on_the_way,
        campaign__steps__action=Step.Action.TASK,
        campaign__steps__since_plan__lte=Coalesce("plan_number", Value(MAX_PLAN)),
    )
    jobs = Job.objects.filter(
        subject_type=Campaign._meta.label,
        subject_id=Cast(OuterRef("pk"), TextField()),
    ).exclude(state__in=JOB.over)
    finished = (
        Campaign.objects.filter(
            Exists(Candidate.objects.reached().filter(campaign=OuterRef("pk"))),
            state=CAMPAIGN.SENDING,
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
            complete(campaign=campaign, actor=Actor.system("campaigns"), reason=_("All done."))
        except Refused:  # a person was first
            continue
        count += 1
    return count


def _open(campaign: Campaign, *, actor: Actor, started_by: User | None, sources: tuple[str, ...]) -> Job:
    CAMPAIGN.move(campaign, "sending", actor=actor, sources=sources, changes={"completed_at": None})
    publish("campaign.started", campaign_id=campaign.pk)
    campaign.stream.refresh_from_db()
    if not campaign.stream.is_active:
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
    if campaign.stream.is_active:
        streams.pause_stream(stream=campaign.stream, actor=actor, reason=reason)
