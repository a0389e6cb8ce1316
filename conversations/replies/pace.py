"""When a conversation is taken up again: on the day that they asked for, or after a silence, at most so often.

One row for each conversation that is to be looked at, found by its time. Whatever ends the waiting (a reply, a booking,
an opt-out, closing) is asked of the conversation itself when the time comes, so that nothing can be forgotten.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from conversations.consent import holds
from conversations.consent.zones import recipient_zones
from conversations.models import CONVERSATION, Conversation
from conversations.replies import composing, consequences, listing
from conversations.replies.models import Intent, Pace
from conversations.replies.selectors import last_inbound, latest_reading
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.words import gettext as _
from outreach.jobs.services import enqueue

BATCH = 200
MORNING = time(9)
SILENT_AFTER = frozenset(
    {Intent.POSITIVE, Intent.BOOKING, Intent.QUESTION, Intent.UNCLEAR, Intent.BOT_QUESTION, Intent.SOURCE_QUESTION}
)
"""Who fell silent after one of these is asked again; who declined or named somebody else is not."""


def schedule(conversation: Conversation) -> None:
    """We answered: look again on the day that they named, else after the playbook's days of silence.

    `conversation` is locked by the caller.
    """
    last = last_inbound(conversation)
    reading = latest_reading(last) if last else None
    if last is None or reading is None or conversation.state in CONVERSATION.settled:
        stop(conversation)
        return
    until = str(reading.facts.get("until") or "")
    again = composing.playbook_for(last).definition.reengagement
    if reading.intent == Intent.NOT_NOW and until and (at := _morning(conversation, date.fromisoformat(until))):
        _set(conversation, kind=Pace.Kind.ASKED, due_at=at)
    elif (reading.intent in SILENT_AFTER or until) and again.at_most:
        _set(conversation, kind=Pace.Kind.SILENCE, due_at=clock.now() + timedelta(days=again.after_days))
    else:
        stop(conversation)


def stop(conversation: Conversation) -> None:
    """Nothing is to be taken up again: they wrote, or it is over."""
    Pace.objects.filter(conversation=conversation).delete()


def _set(conversation: Conversation, *, kind: str, due_at: datetime) -> None:
    """A new day keeps the count of follow-ups: only a reply begins again."""
    Pace.objects.update_or_create(conversation=conversation, defaults={"kind": kind, "due_at": due_at})


def _morning(conversation: Conversation, day: date) -> datetime | None:
    """Nine o'clock of `day` where they are; None when that is past."""
    lead = conversation.lead
    zones = (
        recipient_zones(time_zone=lead.time_zone, country=lead.country, city=lead.city, region=lead.region)
        if lead
        else ()
    )
    at = datetime.combine(day, MORNING, ZoneInfo(zones[0]) if zones else UTC)
    return at if at > clock.now() else None


def take_up_due(*, limit: int = BATCH) -> int:
    """Take up what is due; how many conversations changed. Any number of workers: each row is taken by one of them."""
    count = 0
    for pk in list(Pace.objects.due(clock.now()).values_list("pk", flat=True)[:limit]):
        count += _take_up(pk)
    return count


@transaction.atomic
def _take_up(pk: int) -> bool:
    row = Pace.objects.due(clock.now()).select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    if row is None:
        return False  # another worker has it, or they wrote meanwhile
    conversation = Conversation.objects.select_for_update(of=("self",)).get(pk=row.conversation_id)
    last = last_inbound(conversation)
    if last is None or conversation.state not in CONVERSATION.undecided or conversation.lead_id is None:
        row.delete()
        return False
    if _is_busy(row, conversation):
        return False
    if row.kind == Pace.Kind.ASKED:
        return _wake(row, conversation, number=0)
    again = composing.playbook_for(last).definition.reengagement
    if row.nudges >= again.at_most:
        return _let_sleep(row, conversation)
    Pace.objects.filter(pk=row.pk).update(
        nudges=F("nudges") + 1, due_at=clock.now() + timedelta(days=again.after_days), updated_at=clock.now()
    )
    return _wake(row, conversation, number=row.nudges + 1)


def _is_busy(row: Pace, conversation: Conversation) -> bool:
    """Something else comes first: an absence, an answer that we owe, a message that is planned, a decision of a person."""
    now = clock.now()
    planned = conversation.messages.waiting().order_by("-scheduled_at").first()
    later = [now + timedelta(days=1)] if conversation.waiting_since or holds.open_on(conversation).exists() else []
    if conversation.snoozed_until and conversation.snoozed_until > now:
        later.append(conversation.snoozed_until)
    if planned is not None and planned.scheduled_at and row.kind == Pace.Kind.SILENCE:
        later.append(max(planned.scheduled_at, now) + timedelta(days=1))
    if later:
        Pace.objects.filter(pk=row.pk).update(due_at=max(later), updated_at=now)
    return bool(later)


def _wake(row: Pace, conversation: Conversation, *, number: int) -> bool:
    """It needs an answer again: in the queue of the inbox, with a draft unless a person handles it."""
    Conversation.objects.filter(pk=conversation.pk).update(
        waiting_since=clock.now(), snoozed_until=None, snooze_reason="", updated_at=clock.now()
    )
    record(f"conversation.{row.kind}", subject=conversation, actor=consequences.ACTOR, data={"number": number})
    if row.kind == Pace.Kind.ASKED:
        row.delete()
    enqueue(
        "conversations.replies.tasks.take_up",
        conversation.pk,
        row.kind,
        number,
        lane="llm",
        key=f"take-up:{conversation.pk}:{row.kind}:{number}",
    )
    listing.refresh([conversation.pk])
    return True


def _let_sleep(row: Pace, conversation: Conversation) -> bool:
    """They stayed silent: nothing more is written until they write."""
    reason = _("They did not answer %(times)s follow-ups.") % {"times": row.nudges}
    CONVERSATION.move(conversation, CONVERSATION.DORMANT, actor=consequences.ACTOR, reason=reason)
    row.delete()
    consequences.supersede_suggestions(conversation, actor=consequences.ACTOR, reason=reason)
    listing.refresh([conversation.pk])
    return True
