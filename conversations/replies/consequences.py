"""Consequences of a reply's intent, in the caller's transaction, under the conversation's row lock.

The same consequences whoever decided: a keyword, a rule, the model, a person who corrects. Opting out only ever adds;
it is lifted by a person and nothing else.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import F
from django.db.models.functions import Greatest

from conversations.consent import holds
from conversations.consent.models import Suppression
from conversations.consent.services import Target, suppress
from conversations.models import CONVERSATION, Conversation, Message
from conversations.replies.models import SUGGESTION, Intent, Reading, Suggestion
from leads.models import Channel, Identity
from outreach.core import clock, words
from outreach.core.audit import record
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.jobs.services import enqueue
from outreach.limits.calendars import working_days_after

ACTOR = Actor.system("replies")
SNOOZE_WITHOUT_DATE = timedelta(days=10)
"""An absence without a date: between the usual week and two."""
WORKING_DAYS_AFTER_RETURN = 2
"""The first days back belong to the full mailbox."""
ANSWERED = frozenset(
    {
        Intent.POSITIVE,
        Intent.BOOKING,
        Intent.QUESTION,
        Intent.NEGATIVE,
        Intent.NOT_NOW,
        Intent.REFERRAL,
        Intent.WRONG_PERSON,
        Intent.BOT_QUESTION,
        Intent.SOURCE_QUESTION,
        Intent.UNCLEAR,
    }
)
"""Intents for which an answer is drafted."""


def apply(reading: Reading, *, message: Message, conversation: Conversation, actor: Actor = ACTOR) -> None:
    """Do what follows from `reading`. `conversation` is locked by the caller."""
    if reading.intent == Intent.OPT_OUT:
        opt_out(message=message, conversation=conversation, reading=reading, actor=actor)
    elif reading.intent == Intent.COMPLAINT:
        opt_out(
            message=message,
            conversation=conversation,
            reading=reading,
            actor=actor,
            reason=Suppression.Reason.COMPLAINT,
        )
    elif reading.intent == Intent.ABUSIVE:
        hold(message=message, conversation=conversation, evidence=words.joined("; ", reading.reasons))
    elif reading.intent == Intent.OUT_OF_OFFICE:
        until = (reading.facts or {}).get("until")
        snooze_absence(conversation, returns_on=date.fromisoformat(until) if until else None)
    elif (reading.facts or {}).get("is_confirmed") and _book(message=message, conversation=conversation, actor=actor):
        pass
    elif (
        reading.intent in ANSWERED
        and not conversation.has_opted_out
        and conversation.handler != Conversation.Handler.PERSON
        and not holds.open_on(conversation).exists()
    ):
        Conversation.objects.filter(pk=conversation.pk).update(handler=Conversation.Handler.AI)
        conversation.handler = Conversation.Handler.AI
        enqueue("conversations.replies.tasks.suggest", conversation.pk, lane="llm", key=f"suggest:{conversation.pk}")


def _book(*, message: Message, conversation: Conversation, actor: Actor) -> bool:
    """They confirm a time that somebody of us proposed: the call is booked, and nobody waits. False: nothing to book.

    Only what a person of us wrote can be confirmed; a "talk soon" below a first mail books nothing.
    """
    ours = conversation.messages.left().exclude(author=None)
    if not ours.exists() or not CONVERSATION.allows(conversation.state, CONVERSATION.BOOKED):
        return False
    CONVERSATION.move(conversation, CONVERSATION.BOOKED, actor=actor, reason=message.body[:200])
    publish("conversation.booked", conversation_id=conversation.pk, lead_id=conversation.lead_id, message_id=message.pk)
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=None, updated_at=clock.now())
    conversation.refresh_from_db()
    return True


def opt_out(
    *,
    message: Message,
    conversation: Conversation,
    reading: Reading,
    actor: Actor,
    reason: str = Suppression.Reason.OPT_OUT,
) -> None:
    """Suppress everywhere, at once. Unless a keyword or a person decided it, it is flagged for review."""
    evidence = words.joined("; ", reading.reasons)[:500]
    suppress(
        Target(lead=conversation.lead, channel=message.channel, address=message.address),
        reason=reason,
        actor=actor,
        evidence=evidence,
        message=message,
        is_by_keyword=reading.source == "keyword" and message.channel == Channel.SMS,
    )
    conversation.refresh_from_db()
    if CONVERSATION.allows(conversation.state, "opted_out"):
        CONVERSATION.move(conversation, "opted_out", actor=actor, reason=evidence[:200])
    is_certain = reading.source in {"keyword", "person"}
    changes = {
        "waiting_since": None if is_certain else conversation.waiting_since or clock.now(),
        "handler": Conversation.Handler.NOBODY if is_certain else Conversation.Handler.PERSON,
        "snoozed_until": None,
        "snooze_reason": "",
    }
    Conversation.objects.filter(pk=conversation.pk).update(**changes)
    conversation.refresh_from_db()
    supersede_suggestions(conversation, actor=actor, reason=_("The person opted out."))


def hold(*, message: Message, conversation: Conversation, evidence: str) -> None:
    """They may want us to stop: nothing goes out, and a person is asked. `conversation` is locked by the caller."""
    holds.hold(message=message, evidence=evidence, actor=ACTOR)
    Conversation.objects.filter(pk=conversation.pk).update(
        handler=Conversation.Handler.PERSON, waiting_since=conversation.waiting_since or clock.now()
    )
    conversation.refresh_from_db()
    supersede_suggestions(conversation, actor=ACTOR, reason=_("They may want us to stop."))


def supersede_suggestions(conversation: Conversation, *, actor: Actor, reason: str) -> None:
    """Withdraw suggestions: the conversation has moved on."""
    for suggestion in Suggestion.objects.proposed().filter(conversation=conversation):
        SUGGESTION.move(suggestion, "superseded", actor=actor, reason=reason)


def snooze_absence(conversation: Conversation, *, returns_on: date | None) -> datetime:
    """Snooze until the return and some working days; planned follow-ups wait as long. The later of two ends holds."""
    now = clock.now()
    if returns_on is not None:
        until = working_days_after(datetime.combine(returns_on, time(9), UTC), WORKING_DAYS_AFTER_RETURN)
        reason = _("Out of office until %(day)s.") % {"day": returns_on.isoformat()}
    else:
        until = working_days_after(now + SNOOZE_WITHOUT_DATE, 0)
        reason = _("Out of office, no return date.")
    if conversation.snoozed_until and conversation.snoozed_until >= until:
        return conversation.snoozed_until
    Conversation.objects.filter(pk=conversation.pk).update(snoozed_until=until, snooze_reason=reason)
    conversation.refresh_from_db()
    defer_planned(conversation, until=until)
    record("conversation.snoozed", subject=conversation, actor=ACTOR, reason=reason, data={"until": until.isoformat()})
    return until


def sleep_as_asked(conversation: Conversation, reading: Reading | None) -> None:
    """Who wants to hear from us on another day is left alone until then, once they have their answer."""
    until = str((reading.facts or {}).get("until") or "") if reading and reading.intent == Intent.NOT_NOW else ""
    at = datetime.combine(date.fromisoformat(until), time(9), UTC) if until else None
    if at is None or at <= clock.now():
        return
    reason = _("They asked to hear from us again then.")
    Conversation.objects.filter(pk=conversation.pk).update(snoozed_until=at, snooze_reason=reason)
    defer_planned(conversation, until=at)
    record("conversation.snoozed", subject=conversation, actor=ACTOR, reason=until)


def defer_planned(conversation: Conversation, *, until: datetime) -> int:
    """Move planned follow-ups to `until` or later; how many."""
    return (
        conversation.messages.waiting()
        .filter(is_stopped_by_reply=True)
        .filter(scheduled_at__lt=until)
        .update(scheduled_at=Greatest(F("scheduled_at"), until), updated_at=clock.now())
    )


def invalidate(*, channel: str, address: str, reason: str) -> int:
    """Mark an address as one that does not work; how many identities had it."""
    return (
        Identity.objects.filter(channel=channel, address=address)
        .exclude(status=Identity.Status.INVALID)
        .update(status=Identity.Status.INVALID, status_reason=reason[:300], updated_at=clock.now())
    )
