"""Tasks of inbound: ids in, one service call."""

from __future__ import annotations

from conversations.inbound import feedback, handling, mailboxes, media, services
from conversations.inbound.models import InboundEvent
from conversations.senders.models import Sender
from outreach.core import clock
from outreach.core.words import ngettext


def handle(event_id: int) -> None:
    """Understand one stored event."""
    event = InboundEvent.objects.filter(pk=event_id).first()
    if event is not None:
        handling.handle(event)


def fetch_media(message_id: int) -> None:
    """Copy the files of a text message that came in."""
    media.fetch(message_id)


def wake_stored() -> None:
    """Scheduled: events whose wake-up got lost."""
    services.wake_stored(now=clock.now())


def poll_mailboxes() -> None:
    """Scheduled: wake the collection of every mailbox."""
    mailboxes.poll_all()


def poll_mailbox(sender_id: int) -> None:
    """Copy what is new in one mailbox."""
    sender = Sender.objects.filter(pk=sender_id).first()
    if sender is not None:
        mailboxes.poll(sender=sender)


def sweep_feedback() -> str:
    """Ask carriers about messages without a callback."""
    count = feedback.sweep(now=clock.now())
    return ngettext("%(count)s missed event found", "%(count)s missed events found", count) % {"count": count}
