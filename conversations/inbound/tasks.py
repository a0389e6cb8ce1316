"""Tasks of inbound: ids in, one service call."""

from __future__ import annotations

from conversations.inbound import mailboxes
from conversations.senders.models import Sender


def poll_mailboxes() -> None:
    """Scheduled: wake a look at every mailbox."""
    mailboxes.poll_all()


def poll_mailbox(sender_id: int) -> None:
    """Copy what is new in one mailbox."""
    sender = Sender.objects.filter(pk=sender_id).first()
    if sender is not None:
        mailboxes.poll(sender=sender)
