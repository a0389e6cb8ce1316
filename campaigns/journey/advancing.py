"""Bring each candidate's next step on its way: a message to the outbox, a condition to its day, a task to a person.

A plain step is planned when the step before was really sent, not at launch: the plan is then exact by construction and
nothing needs re-anchoring. What a person sees before launch is a forecast (`campaigns.journey.forecast`).
Two safeguards close the race with a reply: the conversation's row is locked while planning, and a follow-up counts as
planned since the moment at which the step before was sent, so that the gate sees every reply since then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from campaigns import outcomes
from campaigns.arms import services as arms
from campaigns.drafts.models import DRAFT, NO_APPROVAL, Draft
from campaigns.drafts.services import current_hash
from campaigns.journey import companies, conditions
from campaigns.journey.history import Place, Way, facts_about, way_of
from campaigns.journey.leaving import ACTOR
from campaigns.journey.models import TURN, Turn
from campaigns.journey.timeline import due_at as due_of
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign, Candidate
from campaigns.predictions import services as predictions
from campaigns.predictions.services import Guide
from campaigns.steps.files import enclosures_of
from campaigns.steps.models import Step
from campaigns.steps.senders import sender_of
from conversations.consent.zones import recipient_zones
from conversations.models import Conversation, Message
from conversations.planning import services as planning
from conversations.planning.plans import MessagePlan
from conversations.services import conversation_for
from leads.models import Channel, Lead
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.words import gettext as _

MAILBOX_WAIT = timedelta(minutes=5)


def on_approval(candidate: Candidate) -> None:
    """A text was approved, by a person or a rule, in this transaction: its locked candidate is approved and goes on.

    A daily campaign begins with the best of its day, so that only follow-ups are planned here.
    """
    if candidate.is_qualified:
        outcomes.advance_stage(candidate, "drafted", actor=ACTOR)
    outcomes.advance_stage(candidate, "approved", actor=ACTOR)
    advance(candidate.pk, may_begin=candidate.campaign.mode == Campaign.Mode.ONCE)


def on_approvals(candidates: Iterable[Candidate]) -> None:
    """The same for the candidates (with their campaigns) of many texts that were approved in this transaction."""
    known = {candidate.pk: candidate for candidate in candidates}
    rows = Candidate.objects.filter(pk__in=known)
    CANDIDATE.move_where(rows, "drafted", actor=ACTOR, sources=("qualified",))
    CANDIDATE.move_where(rows, "approved", actor=ACTOR)
    sending = set(Campaign.objects.sending().filter(candidates__in=known).values_list("pk", flat=True))
    for pk, candidate in sorted(known.items()):
        if candidate.campaign_id in sending:
            advance(pk, may_begin=candidate.campaign.mode == Campaign.Mode.ONCE)


def hand_over(draft: Draft, *, may_begin: bool = True) -> Message | None:
    """Plan the message of an approved draft; None if it is not due.

    Its turn is when the campaign is sending, the candidate neither answered nor left, the step before was sent, and no
    condition is still to be looked at. Idempotent and safe in parallel. What planning refuses for good (suppressed, no
    address) supersedes the draft and says why on the candidate.
    """
    return advance(draft.candidate_id, only=draft, may_begin=may_begin)


def advance(candidate_id: int, *, only: Draft | None = None, may_begin: bool = True) -> Message | None:
    """Start a candidate's next step; returns the message if one was planned. Idempotent, safe in parallel.

    `only`: nothing unless it is this draft's turn. Without `may_begin` no first step is started (daily campaigns begin
    with the best of the day).
    """
    if not Candidate.objects.filter(pk=candidate_id, campaign__state=CAMPAIGN.SENDING).exists():
        return None  # a start or resume that comes after this looks at every candidate itself
    with transaction.atomic():
        candidate = lock_candidate(candidate_id)
        if not candidate.campaign.is_sending or candidate.is_silenced:
            return None
        way = way_of(candidate)
        found = way.next()
        if not found.is_ready or found.step is None or (found.behind.anchor is None and not may_begin):
            return None
        place = way.place(found.step, found.behind)
        if only is not None and (place.draft is None or place.draft.pk != only.pk):
            return None
        return _begin(candidate, way, place)


def lock_candidate(candidate_id: int) -> Candidate:
    """The candidate under its row lock, with campaign, stream and lead."""
    rows = Candidate.objects.select_for_update(of=("self",)).select_related("campaign__stream", "lead")
    return rows.get(pk=candidate_id)


def look(turn: Turn, candidate: Candidate) -> Message | None:
    """A turn's day has come: open its task, plan its message, skip it, or wait longer. The caller locked the candidate."""
    return _look(turn, candidate, way_of(candidate), _lock_conversation(candidate))


def _lock_conversation(candidate: Candidate) -> Conversation:
    return Conversation.objects.select_for_update().get(pk=conversation_for(lead=candidate.lead).pk)


def _begin(candidate: Candidate, way: Way, place: Place) -> Message | None:
    """Start a step: plan its message, or record when its condition is checked or its task is due."""
    step = place.step
    conversation = _lock_conversation(candidate)
    if _has_answered(candidate, place):
        return None
    if companies.has_answered(candidate):
        companies.stop(candidate)
        return None
    if place.turn is None and (step.is_task or step.condition != conditions.ALWAYS):
        due = max(_due_at(candidate, place), conversation.snoozed_until or clock.now())
        place.turn = Turn.objects.create(candidate=candidate, step=step, due_at=due)
        way.turns[step.pk] = place.turn
        return _look(place.turn, candidate, way, conversation) if due <= clock.now() else None
    return _plan(candidate, place, conversation)


def _look(turn: Turn, candidate: Candidate, way: Way, conversation: Conversation) -> Message | None:
    now = clock.now()
    if conversation.snoozed_until and conversation.snoozed_until > now:
        _wait_until(turn, conversation.snoozed_until)
        return None
    if _is_mailbox_unread(candidate):
        _wait_until(turn, now + MAILBOX_WAIT)
        return None
    place = way.place_of(turn)
    has_company_answered = companies.has_answered(candidate)
    if place is None or has_company_answered or _has_answered(candidate, place):
        if has_company_answered:
            companies.stop(candidate)
        TURN.move_where(Turn.objects.filter(pk=turn.pk), "cancelled", actor=ACTOR, changes={"settled_at": now})
        return None
    step = place.step
    if not step.is_task and place.draft is None:
        turn.delete()  # its approval was taken back; approving again makes it again
        return None
    if not conditions.holds(step.condition, facts_about(candidate, way, step)):
        return _does_not_hold(turn, candidate, place)
    if step.is_task:
        TURN.move(turn, "open", actor=ACTOR)
        return None
    TURN.move(turn, "done", actor=ACTOR, changes={"settled_at": now})
    place.turn = turn
    return _plan(candidate, place, conversation)


def _does_not_hold(turn: Turn, candidate: Candidate, place: Place) -> Message | None:
    step = place.step
    if step.condition in conditions.WAITING:
        again = conditions.look_again_at(looked=turn.looked_at, since=turn.created_at, now=clock.now())
        if again is not None:
            Turn.objects.filter(pk=turn.pk).update(due_at=again, looked_at=turn.looked_at + 1)
            return None
    note = _("Condition not met: %(condition)s.") % {"condition": step.get_condition_display()}
    TURN.move(turn, "skipped", actor=ACTOR, reason=note, changes={"settled_at": clock.now(), "note": note})
    if place.draft is not None:
        DRAFT.move(place.draft, "superseded", actor=ACTOR, reason=note)
    return advance(candidate.pk)


def _wait_until(turn: Turn, moment: datetime) -> None:
    Turn.objects.filter(pk=turn.pk).update(due_at=moment)


def _is_mailbox_unread(candidate: Candidate) -> bool:
    """Whether a mailbox that wrote to them for this campaign may have an unread reply: then nothing continues."""
    oldest = clock.now() - timedelta(minutes=settings.OUTREACH.delivery.mailbox_poll_max_age_minutes)
    wrote = Message.objects.filter(
        lead=candidate.lead_id, stream=candidate.campaign.stream_id, direction="out", sent_at__isnull=False
    )
    return (
        wrote.exclude(sender__settings__imap_host=None)
        .exclude(sender__settings__imap_host="")
        .filter(Q(sender__last_polled_at=None) | Q(sender__last_polled_at__lt=oldest))
        .filter(sender__settings__has_key="imap_host")
        .exists()
    )


def _plan(candidate: Candidate, place: Place, conversation: Conversation) -> Message | None:
    """Plan the message of an approved draft whose turn it is."""
    if place.draft is None:
        return None
    draft = Draft.objects.select_for_update().get(pk=place.draft.pk)
    if not draft.is_approved or draft.message_id:
        return None
    place.step = arms.steps_to_send([place.step], [candidate]).get((candidate.pk, place.step.pk), place.step)
    draft.candidate, draft.step = candidate, place.step
    if draft.approved_hash != current_hash(draft):
        reason = _("The text, address or sender changed after approval.")
        DRAFT.move(draft, "pending_review", actor=ACTOR, reason=reason, changes=NO_APPROVAL)
        return None
    try:
        with transaction.atomic():
            message = _message(draft, candidate, conversation, place)
    except (Invalid, Refused) as error:
        if error.code == "sender_draining":  # its turn comes with another sender, or when this one is active again
            Candidate.objects.filter(pk=candidate.pk).update(problem=error.reason)
            candidate.problem = error.reason
        else:
            _give_up(draft, candidate, error.reason)
        return None
    DRAFT.move(draft, "handed_over", actor=ACTOR, changes={"message": message})
    return message


def _due_at(candidate: Candidate, place: Place) -> datetime:
    """When the step of `place` is due."""
    campaign, step = candidate.campaign, place.step
    return due_of(
        place.anchor,
        delay_days=step.delay_days,
        seed=(candidate.pk, step.pk),
        start_at=campaign.start_at,
        now=clock.now(),
        days=tuple(campaign.stream.window.get("days", ())),
        zone=_zone_of(candidate.lead, step),
        country=candidate.lead.country if campaign.skips_holidays else "",
    )


def _message(draft: Draft, candidate: Candidate, conversation: Conversation, place: Place) -> Message:
    step, campaign, lead, before = place.step, candidate.campaign, candidate.lead, place.before
    address = lead.address(step.channel)
    if not address:
        raise Invalid(
            "address",
            _("No address for step %(number)s (%(channel)s).") % {"number": step.number, "channel": step.channel},
        )
    now = clock.now()
    is_due = place.turn is not None  # its day came already: the condition was looked at then
    due = max(now if is_due else _due_at(candidate, place), now, conversation.snoozed_until or now)
    guide = predictions.guide_of(campaign)
    if guide is not None:
        due = proposed(guide, due, lead, step, candidate.pk)
    message = planning.plan_message(
        MessagePlan(
            conversation=conversation,
            sender=sender_of(candidate, step),
            channel=step.channel,
            address=address,
            subject=draft.subject,
            body=draft.body,
            language=draft.language,
            stream=campaign.stream,
            scheduled_at=due,
            interaction_id=draft.interaction_id,
            approved_by_id=draft.approved_by_id,
            approval_rule=draft.approval_rule.name if draft.approval_rule else "",
            follows=before if before and step.is_in_thread and before.channel == step.channel else None,
            priority=1 if place.anchor else 0,
            files=enclosures_of(step),
            attributes=arms.marks_of(step),
        )
    )
    if place.anchor is None:
        predictions.note(campaign, {candidate.pk: lead.pk})
    since = before.sent_at if before else place.first_at
    if since is not None:
        Message.objects.filter(pk=message.pk).update(planned_at=since)
        message.planned_at = since
    return message


def _has_answered(candidate: Candidate, place: Place) -> bool:
    """Whether they wrote since the campaign first contacted them, even if unread."""
    if place.first_at is None:
        return False
    last = Lead.objects.values_list("last_replied_at", flat=True).get(pk=candidate.lead_id)
    return last is not None and last >= place.first_at


def proposed(guide: Guide, due: datetime, lead: Lead, step: Step, candidate_id: int) -> datetime:
    """When a message that is due at `due` should be planned, if the campaign follows predictions and no experiment rules."""
    if step.hours:
        return due
    return guide.moment(due, zone=_zone_of(lead, step), candidate_id=candidate_id) if guide.times else due


def _zone_of(lead: Lead, step: Step) -> ZoneInfo:
    """The recipient's most likely zone, else the sender's, else UTC."""
    phone = lead.address(Channel.SMS) if step.channel == Channel.SMS else ""
    names = recipient_zones(time_zone=lead.time_zone, phone=phone, country=lead.country, city=lead.city)
    return ZoneInfo(names[0] if names else step.sender.time_zone if step.sender else "UTC")


def _give_up(draft: Draft, candidate: Candidate, reason: str) -> None:
    DRAFT.move(draft, "superseded", actor=ACTOR, reason=reason)
    Candidate.objects.filter(pk=candidate.pk).update(problem=reason)
    candidate.problem = reason
    left = Draft.objects.filter(candidate=candidate, step__number__gt=draft.step.number, state=DRAFT.APPROVED)
    if candidate.is_approved and not left.exists():
        CANDIDATE.move(candidate, "excluded", actor=ACTOR, reason=reason, changes={"stage_reason": reason})
