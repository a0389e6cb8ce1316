"""Use cases of conversations that all rooms of this wing share."""

from __future__ import annotations

from conversations.models import Conversation
from leads.models import Lead


def conversation_for(*, lead: Lead) -> Conversation:
    """The conversation with `lead`, made on first use."""
    return Conversation.objects.get_or_create(lead=lead)[0]
