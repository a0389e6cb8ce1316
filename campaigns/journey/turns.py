"""Turns: conditions looked at on their day, and tasks that people do."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.audience.services import is_silenced
from campaigns.drafts.models import Draft
from campaigns.journey import companies, conditions
from campaigns.journey import services as sequences
from campaigns.journey.conditions import Facts
from campaigns.journey.models import TURN, Turn
from campaigns.models import Candidate
from campaigns.steps.models import Step
from conversations.channels.network.selectors import relation
from conversations.models import LEFT, Conversation, Message, MessageEvent
from conversations.services import conversation_for
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor

ACTOR = Actor.system("sequences")
MAILBOX_WAIT = timedelta(minutes=5)
BATCH = 500


def look_at_due(*, limit: int = BATCH) -> int:
    """Look at every turn that is due in a sending campaign; how many."""
    due = Turn.objects.filter(state="waiting", due_at__lte=clock.now(), candidate__campaign__state="sending")
    ids = list(due.order_by("due_at", "pk").values_list("pk", "candidate_id")[:limit])
    for turn_id, candidate_id in ids:
        with transaction.atomic():
            candidate = sequences.lock_candidate(candidate_id)
            turn = Turn.objects.select_related("step").filter(pk=turn_id, state="waiting").first()
            if turn is None:
                continue
            if is_silenced(candidate):
                TURN.move(turn, "cancelled", actor=ACTOR, changes={"settled_at": clock.now()})
                continue
            conversation = Conversation.objects.select_for_update().get(pk=conversation_for(lead=candidate.lead).pk)
            look(turn, candidate, conversation)
    return len(ids)


def look(turn: Turn, candidate: Candidate, conversation: Conversation) -> Message | None:
    """A turn's day has come: open its task, plan its message, skip it, or wait longer. Rows are locked by the caller."""
    now = clock.now()
    if conversation.snoozed_until and conversation.snoozed_until > now:
        _wait_until(turn, conversation.snoozed_until)
        return None
    if is_mailbox_unread(candidate):
        _wait_until(turn, now + MAILBOX_WAIT)
        return None
    place = _place_of(turn, candidate)
    if place is None or sequences.has_answered(candidate, place) or companies.has_answered(candidate):
        if companies.has_answered(candidate):
            companies.stop(candidate)
        turn.refresh_from_db()
        if turn.state == "waiting":
            TURN.move(turn, "cancelled", actor=ACTOR, changes={"settled_at": now})
        return None
    step = place.step
    if not step.is_task and place.draft is None:
        turn.delete()  # its approval was taken back; approving again makes it anew
        return None
    facts = facts_about(candidate, step)
    if not conditions.holds(step.condition, facts):
        return _does_not_hold(turn, candidate, place)
    if step.is_task:
        TURN.move(turn, "open", actor=ACTOR)
        return None
    TURN.move(turn, "done", actor=ACTOR, changes={"settled_at": now})
    place.turn = turn
    return sequences.plan(candidate, place, conversation)


def _does_not_hold(turn: Turn, candidate: Candidate, place: sequences.Place) -> Message | None:
    step = place.step
    if step.condition in conditions.WAITING:
        again = conditions.look_again_at(looked=turn.looked_at, since=turn.created_at, now=clock.now())
        if again is not None:
            Turn.objects.filter(pk=turn.pk).update(due_at=again, looked_at=turn.looked_at + 1)
            return None
    note = _("Only %(condition)s: it did not hold.") % {"condition": step.get_condition_display()}
    TURN.move(turn, "skipped", actor=ACTOR, reason=note, changes={"settled_at": clock.now(), "note": note})
    if place.draft is not None:
        sequences.put_away(place.draft, note)
    return sequences.advance(candidate.pk)


def _place_of(turn: Turn, candidate: Candidate) -> sequences.Place | None:
    """The place of a turn's step, with what came before it."""
    steps = sequences.steps_of(candidate.campaign)
    step = next((s for s in steps if s.pk == turn.step_id), None)
    step = step.as_of(candidate.plan_number) if step else None
    if step is None:
        return None
    earlier = Draft.objects.filter(candidate=candidate, state="handed_over", step__number__lt=step.number)
    messages = [d.message for d in earlier.select_related("message").order_by("step__number") if d.message]
    left = [m for m in messages if m.state in LEFT and m.sent_at]
    settled = Turn.objects.filter(candidate=candidate, step__number__lt=step.number, state="done")
    times = [m.sent_at or m.updated_at for m in messages] + [t.settled_at for t in settled if t.settled_at]
    draft = Draft.objects.filter(candidate=candidate, step=step, state="approved").first()
    return sequences.Place(step, draft, turn, left[-1] if left else None, turn.due_at, min(times, default=None))


def facts_about(candidate: Candidate, step: Step) -> Facts:
    """What is known of the message that the step's condition asks about."""
    number = step.condition_step or step.number - 1
    draft = (
        Draft.objects.filter(candidate=candidate, step__number__lte=number, state="handed_over", message__isnull=False)
        .select_related("message")
        .order_by("-step__number")
        .first()
    )
    if draft is not None and step.condition_step and draft.step.number != step.condition_step:
        draft = None
    message = draft.message if draft else None
    return Facts(
        state=message.state if message else "",
        is_delivered=bool(message and message.delivered_at),
        is_opened=bool(message and message.opened_at),
        is_clicked=bool(message and message.clicked_at),
        is_connected=is_connected(candidate),
    )


def is_connected(candidate: Candidate) -> bool:
    """Whether the lead took a connection request, or was a contact before."""
    return (
        relation(candidate.lead_id) == "connected"
        or MessageEvent.objects.filter(
            message__lead=candidate.lead_id, message__channel="network", kind__in=("connected", "followed", "accepted")
        ).exists()
    )


def is_mailbox_unread(candidate: Candidate) -> bool:
    """Whether a reply may lie unread in a mailbox that already wrote to them for this campaign: then nothing goes on."""
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


def _wait_until(turn: Turn, moment: object) -> None:
    Turn.objects.filter(pk=turn.pk).update(due_at=moment)


def stop(candidate: Candidate, reason: str) -> int:
    """Nothing more is due for this candidate: waiting conditions and open tasks are put away."""
    rows = Turn.objects.filter(candidate=candidate, state__in=("waiting", "open"))
    count = 0
    for turn in rows:
        TURN.move(turn, "cancelled", actor=ACTOR, reason=reason, changes={"settled_at": clock.now(), "note": reason})
        count += 1
    return count


def wake(candidate: Candidate) -> None:
    """Something happened that a condition may be waiting for: look at once instead of at the next interval."""
    rows = Turn.objects.filter(candidate=candidate, state="waiting", looked_at__gt=0)
    rows.update(due_at=clock.now())


# what people do


def open_tasks() -> QuerySet[Turn]:
    """The tasks that wait for a person in running campaigns, the oldest first."""
    rows = Turn.objects.filter(state="open", candidate__campaign__state__in=("sending", "paused"))
    return rows.select_related("candidate__lead__company", "candidate__campaign", "step").order_by("due_at", "pk")


def do_task(*, turn: Turn, user: User, note: str = "") -> Turn:
    """A person did it: the sequence goes on from now. Raises `Refused` when somebody was first."""
    return _settle_task(turn, "done", user, note)


def skip_task(*, turn: Turn, user: User, note: str = "") -> Turn:
    """A person decided against it: the sequence goes on without it."""
    return _settle_task(turn, "skipped", user, note)


def _settle_task(turn: Turn, to: str, user: User, note: str) -> Turn:
    if not turn.step.is_task:
        raise Invalid("task", _("This is not a task."))
    now = clock.now()
    with transaction.atomic():
        changes = {"settled_at": now, "settled_by": user, "note": note.strip()[:1000]}
        if to == "skipped":
            changes["due_at"] = now
        TURN.move(turn, to, actor=Actor.of(user), reason=note.strip()[:300], sources=("open",), changes=changes)
        sequences.advance(turn.candidate_id)
    return turn
