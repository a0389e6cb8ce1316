"""Wake-ups of the sending lanes. The rows are the truth; running one of these twice or not at all does no harm."""

from __future__ import annotations

from conversations.dispatch import reconciling, sending
from leads.models import Channel


def send_due_email() -> str:
    return f"{sending.send_due(channels=(Channel.EMAIL,))} e-mails"


def send_due_sms() -> str:
    return f"{sending.send_due(channels=(Channel.SMS,))} text messages"


def send_due_network() -> str:
    return f"{sending.send_due(channels=(Channel.NETWORK,))} network messages"


def reconcile() -> str:
    return f"{reconciling.reconcile()} put right"
