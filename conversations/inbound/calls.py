"""What follows for a conversation when a call is booked, moved, cancelled or missed, whoever tells of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from conversations.inbound import matching, receiving
from conversations.inbound.receiving import ACTOR
from conversations.models import CONVERSATION, Conversation, Message
from conversations.outbox.events import record_event
from conversations.outbox.services import cancel_where
from conversations.replies import consequences
from conversations.replies import services as replies
from conversations.replies.models import Reading
from outreach.core import clock
from outreach.core.words import gettext as _
from outreach.events.services import publish


def follow(
    message: Message,
    conversation: Conversation,
    match: matching.Match,
    reading: Reading,
    *,
    is_booked: bool,
    has_words: bool = False,
) -> None:
    """Stop what is planned, and book or ask a person; under the conversation's lock.

    `message` tells of the call, `reading` is what it means; `has_words`: a person wrote something beside it.
    """
    at = receiving.time_of(message)
    if match.original is not None:
        record_event(message=match.original, kind="replied", occurred_at=at, external_id=f"reply:{message.pk}")
    cancel_where(
        receiving.planned(conversation), actor=ACTOR, reason=_("There is news about a call."), check="no_reply"
    )
    receiving.note_inbound(conversation, at=at)
    publish("reply.received", message_id=message.pk, conversation_id=conversation.pk, lead_id=message.lead_id)
    replies.announce(reading)
    consequences.supersede_suggestions(conversation, actor=ACTOR, reason=_("There is news about a call."))
    if is_booked and not conversation.has_opted_out:
        _book(message, conversation, reading, has_words=has_words)
    else:
        _ask_person(message, conversation)


def _book(message: Message, conversation: Conversation, reading: Reading, *, has_words: bool) -> None:
    if conversation.state in CONVERSATION.asleep:
        CONVERSATION.move(conversation, "engaged", actor=ACTOR)
    if CONVERSATION.allows(conversation.state, "booked"):
        CONVERSATION.move(conversation, "booked", actor=ACTOR, reason=message.body[:200])
    publish(
        "conversation.booked",
        conversation_id=conversation.pk,
        lead_id=conversation.lead_id,
        message_id=message.pk,
        starts_at=reading.facts.get("starts_at"),
    )
    starts_at = reading.facts.get("starts_at")
    changes: dict[str, Any] = {
        "updated_at": clock.now(),
        "booked_for": datetime.fromisoformat(starts_at) if starts_at else None,
    }
    if has_words:
        receiving.wait(conversation, since=receiving.time_of(message))
    else:
        changes["waiting_since"] = None
    Conversation.objects.filter(pk=conversation.pk).update(**changes)
    conversation.refresh_from_db()


def _ask_person(message: Message, conversation: Conversation) -> None:
    """Declined, cancelled, missed or undecided: somebody looks; a booked call is no longer one."""
    if CONVERSATION.allows(conversation.state, "engaged"):
        CONVERSATION.move(conversation, "engaged", actor=ACTOR, reason=message.body[:200])
    Conversation.objects.filter(pk=conversation.pk).update(handler=Conversation.Handler.PERSON, booked_for=None)
    receiving.wait(conversation, since=receiving.time_of(message))
