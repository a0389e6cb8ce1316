"""Shared handling of incoming messages: stored once, added to the conversation, and what a reply stops.

All of it under the conversation's row lock, which orders what belongs together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest

from conversations.inbound import matching
from conversations.inbound.models import InboundEvent
from conversations.models import CONVERSATION, MESSAGE, Conversation, Message
from conversations.outbox.events import record_event
from conversations.outbox.services import cancel_where
from conversations.replies import consequences
from conversations.replies import services as replies
from conversations.replies.models import Reading
from conversations.senders.models import Sender
from leads.services import note_contact
from outreach.core import clock
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _

ACTOR = Actor.system("inbound")


@dataclass(frozen=True)
class Outcome:
    """What an event turned out to be, and the message that it made or is about."""

    kind: str
    message: Message | None = None
    is_ignored: bool = False


def lock(conversation: Conversation) -> Conversation:
    """The locked conversation with its lead."""
    return Conversation.objects.select_for_update(of=("self",)).select_related("lead").get(pk=conversation.pk)


@dataclass(frozen=True)
class Letter:
    """What an event of any channel says, before it is a message. `attributes` are what the channel alone knows."""

    kind: str
    channel: str
    sender: Sender | None
    address: str
    body: str
    attributes: dict[str, Any]
    subject: str = ""
    rfc_message_id: str = ""
    in_reply_to: str = ""
    provider_id: str = ""


def store(
    event: InboundEvent, conversation: Conversation, match: matching.Match, letter: Letter
) -> tuple[Message, bool]:
    """The inbound message and whether it is new: the same mail in two mailboxes is one message."""
    known = conversation.messages.received()
    if letter.provider_id:
        known = known.filter(provider_id=letter.provider_id)
    elif letter.rfc_message_id:
        known = known.filter(rfc_message_id=letter.rfc_message_id)
    else:
        known = known.filter(inbound_events=event)
    if existing := known.first():
        return existing, False
    original = match.original
    message = Message.objects.create(
        conversation=conversation,
        lead=conversation.lead,
        sender=letter.sender or (original.sender if original else None),
        stream=original.stream if original else None,
        direction=Message.Direction.IN,
        channel=letter.channel,
        state=MESSAGE.RECEIVED,
        address=letter.address,
        address_digest=address_digest(letter.address),
        subject=letter.subject[:500],
        body=letter.body,
        attributes={**letter.attributes, "kind": letter.kind, "matched_by": match.how},
        follows=original,
        rfc_message_id=letter.rfc_message_id[:500],
        in_reply_to=letter.in_reply_to[:500],
        provider_id=letter.provider_id,
        # when we learned of it: a sender's wrong clock must not hide a reply from what it stops
        received_at=event.received_at,
    )
    return message, True


def receive_answer(message: Message, conversation: Conversation, match: matching.Match) -> Reading:
    """A person answered: everything that follows, and what they meant."""
    at = time_of(message)
    if match.original is not None:
        record_event(message=match.original, kind="replied", occurred_at=at, external_id=f"reply:{message.pk}")
    cancel_where(planned(conversation), actor=ACTOR, reason=_("The person replied."), check="no_reply")
    note_inbound(conversation, at=at)
    wait(conversation, since=at)
    if conversation.state in CONVERSATION.quiet:
        CONVERSATION.move(conversation, "engaged", actor=ACTOR)
    consequences.supersede_suggestions(conversation, actor=ACTOR, reason=_("The person wrote again."))
    return replies.receive(message, conversation)


def note_inbound(conversation: Conversation, *, at: datetime) -> None:
    """Keep the columns that criteria and the inbox read: a person wrote, nothing is snoozed any more."""
    Conversation.objects.filter(pk=conversation.pk).update(
        last_inbound_at=Greatest(Coalesce(F("last_inbound_at"), at), at), snoozed_until=None, snooze_reason=""
    )
    if conversation.lead_id:
        note_contact(conversation.lead_id, replied_at=at)
    conversation.refresh_from_db()


def receive_reaction(message: Message, match: matching.Match, emoji: str) -> None:
    """Shown in the timeline; no reply: the sequence goes on, and nobody waits for an answer."""
    if match.original is not None:
        record_event(
            message=match.original,
            kind="reacted",
            occurred_at=time_of(message),
            external_id=f"reaction:{message.pk}",
            data={"emoji": emoji},
        )


def planned(conversation: Conversation) -> Q:
    """The messages that an answer makes pointless."""
    return Q(conversation=conversation, is_stopped_by_reply=True)


def wait(conversation: Conversation, *, since: datetime) -> None:
    """They wait for us from now on, or longer already."""
    Conversation.objects.filter(pk=conversation.pk).update(
        waiting_since=Coalesce(F("waiting_since"), since), updated_at=clock.now()
    )
    conversation.refresh_from_db()


def time_of(message: Message) -> datetime:
    """When we learned of it."""
    return message.received_at or message.created_at
