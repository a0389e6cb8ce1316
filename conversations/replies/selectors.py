"""What replies look up about a conversation: the last message of theirs, and how a message was read."""

from __future__ import annotations

from django.db.models import Q

from conversations.models import AUTOMATIC_KINDS, Conversation, Message
from conversations.replies.models import Reading


def latest_reading(message: Message) -> Reading | None:
    """The understanding that holds: the newest row."""
    return message.readings.order_by("-id").first()


def last_inbound(conversation: Conversation) -> Message | None:
    """The latest message of a person on the recipient."""
    return (
        conversation.messages.filter(direction=Message.Direction.IN)
        .filter(Q(attributes__kind__isnull=True) | ~Q(attributes__kind__in=AUTOMATIC_KINDS))
        .order_by("-id")
        .first()
    )
