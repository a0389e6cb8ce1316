"""Every quarter of an hour: ask carriers what became of messages of which no callback told.

Whatever they answer is stored in the shape of the callback that was missed, under the same id, so that a callback that
comes after all is the same event. By index, a bounded number a run, in turns, and never older than some days.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db.models import Q

from conversations.channels import registry
from conversations.channels.base import Account, Adapter, NotSent, OutcomeUnknown, Outgoing, Reporting
from conversations.channels.providers.news import SOURCE
from conversations.inbound import services
from conversations.inbound.models import FeedbackCursor
from conversations.models import MESSAGE, Message
from conversations.senders.models import Sender
from conversations.senders.services import account
from outreach.core.errors import OutreachError

logger = structlog.get_logger(__name__)

CALLBACK_PATIENCE = timedelta(minutes=15)
"""So long a callback may take before we ask."""
LOOK_BACK = timedelta(days=3)
MESSAGES_A_SENDER = 100
SECONDS = 60.0
"""For one run; the next one goes on where this one stopped."""


def sweep(*, now: datetime, adapter_for: Callable[[str], Adapter] = registry.adapter, seconds: float = SECONDS) -> int:
    """Ask about sent, unsettled messages, sender by sender, least recently asked first; returns the number of new events."""
    deadline = time.monotonic() + seconds
    names = [info.name for info in registry.available() if isinstance(adapter_for(info.name), Reporting)]
    senders = Sender.objects.filter(adapter__in=names).order_by("feedback_cursor__swept_at", "id")
    count = 0
    for sender in senders:
        if time.monotonic() > deadline:
            break
        count += _sweep_sender(sender, adapter_for(sender.adapter), now, deadline)
    return count


def _sweep_sender(sender: Sender, adapter: Adapter, now: datetime, deadline: float) -> int:
    cursor, _is_new = FeedbackCursor.objects.get_or_create(sender=sender)
    messages = _unsettled(sender, cursor, now)
    count, error, done = 0, "", None
    try:
        known = account(sender)
        for message in messages:
            if time.monotonic() > deadline:
                break
            count += _ask(sender, adapter, known, message)
            done = message
    except (NotSent, OutcomeUnknown, OutreachError) as fault:
        error = fault.reason
        logger.warning("feedback.not_asked", sender_id=sender.pk, reason=error)
    is_at_end = not error and len(messages) < MESSAGES_A_SENDER and (done is messages[-1] if messages else True)
    cursor.after_sent_at = None if is_at_end else done.sent_at if done else cursor.after_sent_at
    cursor.after_id = 0 if is_at_end else done.pk if done else cursor.after_id
    cursor.swept_at, cursor.error = now, error[:1000]
    cursor.save()
    return count


def _unsettled(sender: Sender, cursor: FeedbackCursor, now: datetime) -> list[Message]:
    rows = Message.objects.filter(
        sender=sender,
        direction=Message.Direction.OUT,
        state=MESSAGE.SENT,
        sent_at__gte=now - LOOK_BACK,
        sent_at__lte=now - CALLBACK_PATIENCE,
    )
    if cursor.after_sent_at:
        rows = rows.filter(
            Q(sent_at__gt=cursor.after_sent_at) | Q(sent_at=cursor.after_sent_at, id__gt=cursor.after_id)
        ).filter(sent_at__gte=cursor.after_sent_at)
    return list(rows.order_by("sent_at", "id")[:MESSAGES_A_SENDER])


def _ask(sender: Sender, adapter: Adapter, known: Account, message: Message) -> int:
    assert isinstance(adapter, Reporting)
    asked = Outgoing(
        id=message.pk,
        channel=message.channel,
        address=message.address,
        subject=message.subject,
        body="",
        rfc_message_id=message.rfc_message_id,
        attempted_at=message.sending_at,
    )
    count = 0
    for report in adapter.reports(known, asked, message.provider_id):
        own = f"{sender.pk}:" if report.source.startswith(f"{SOURCE}.") else ""
        event = services.store(
            source=report.source, external_id=f"{own}{report.external_id}"[:500], sender=sender, fields=report.fields
        )
        count += event is not None
    return count
