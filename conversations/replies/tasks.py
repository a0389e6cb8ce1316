"""Tasks of replies: ids in, one service call."""

from __future__ import annotations

from conversations.models import Conversation, Message
from conversations.replies import services, suggesting


def read(message_id: int) -> None:
    """Second opinion on one reply."""
    message = Message.objects.select_related("follows").filter(pk=message_id, direction=Message.Direction.IN).first()
    if message is not None:
        services.read(message)


def suggest(conversation_id: int) -> None:
    """Draft an answer for one conversation."""
    conversation = Conversation.objects.select_related("lead").filter(pk=conversation_id).first()
    if conversation is not None:
        suggesting.suggest(conversation)
