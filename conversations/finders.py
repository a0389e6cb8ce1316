"""What the command palette finds of conversations."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse

from conversations.models import Conversation
from leads.selectors import ids_found
from outreach.core.palette import Found


def conversations(request: HttpRequest, text: str, limit: int) -> Iterator[Found]:
    """Conversations with the people that the text names."""
    rows = Conversation.objects.filter(lead__in=ids_found(text)).select_related("lead__company")
    for row in rows[:limit]:
        yield Found(str(row), reverse("inbox:conversation", args=[row.pk]), str(row.get_state_display()))
