"""What senders learn from the wing's events."""

from __future__ import annotations

from conversations.models import Message
from conversations.senders import guarding
from conversations.senders.models import SENDER, Sender
from outreach.events.models import Event

JUDGED = ("bounced", "complained", "failed")
"""Kinds of message events after which the sender's health is judged at once."""


def on_message_event(event: Event) -> None:
    """A bounce, a complaint or a failure: judge the sender of the message now, not at the next sweep."""
    if event.payload.get("kind") not in JUDGED:
        return
    sender = Sender.objects.filter(
        state__in=SENDER.sending,
        pk__in=Message.objects.filter(pk=event.payload["message_id"]).values("sender_id"),
    ).first()
    if sender is not None:
        guarding.judge(senders=[sender])
