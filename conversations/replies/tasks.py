"""Tasks of replies: ids in, one service call."""

from __future__ import annotations

from conversations.models import Conversation, Message
from conversations.replies import pace, remembering, services, suggesting
from conversations.replies.situation import Occasion
from outreach.core.words import ngettext


def read(message_id: int) -> None:
    """Second opinion on one reply."""
    message = Message.objects.select_related("follows").filter(pk=message_id, direction=Message.Direction.IN).first()
    if message is not None:
        services.read(message)


def remember(message_id: int) -> None:
    """What a model finds in one reply that the rules did not."""
    message = Message.objects.select_related("conversation").filter(pk=message_id).first()
    if message is not None:
        remembering.ask_model(message)


def suggest(conversation_id: int) -> None:
    """Draft an answer for one conversation."""
    conversation = Conversation.objects.select_related("lead").filter(pk=conversation_id).first()
    if conversation is not None:
        suggesting.suggest(conversation)


def take_up_due() -> str:
    """Take up the conversations whose day has come."""
    count = pace.take_up_due()
    return ngettext("%(count)s conversation", "%(count)s conversations", count) % {"count": count}


def take_up(conversation_id: int, occasion: str, number: int) -> None:
    """Draft what takes one conversation up again."""
    conversation = Conversation.objects.select_related("lead").filter(pk=conversation_id).first()
    if conversation is not None:
        suggesting.suggest(conversation, occasion=Occasion(occasion, number))
