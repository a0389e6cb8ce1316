"""Interprets one stored event and acts on it once, despite repetition and disorder.

The event's row lock makes two workers one; the conversation's row lock orders what belongs together. Everything
happens in one transaction: the stored message, its reading, what it stops and who is told. An event that fails keeps
its error, is tried again with growing pauses, and may be handled again by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import transaction

from conversations.inbound import (
    booking_news,
    mail_messages,
    network_messages,
    provider_news,
    text_messages,
    twilio_status,
)
from conversations.inbound.models import INBOUND, InboundEvent
from conversations.inbound.receiving import ACTOR, Outcome
from conversations.models import Message
from conversations.replies import listing
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.jobs.services import enqueue

logger = structlog.get_logger(__name__)

MAX_ATTEMPTS = 6
TASK = "conversations.inbound.tasks.handle"


def handle(event: InboundEvent) -> None:
    """Handle one event unless it was handled; `event` is refreshed. Errors are recorded, never raised."""
    try:
        with transaction.atomic():
            row = InboundEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
            if row.state in INBOUND.open:
                outcome = _handler(row.source)(row)
                if outcome.message is not None and outcome.message.direction == Message.Direction.IN:
                    listing.refresh([outcome.message.conversation_id])
                INBOUND.move(
                    row,
                    "ignored" if outcome.is_ignored else "handled",
                    actor=ACTOR,
                    changes={
                        "kind": outcome.kind,
                        "message": outcome.message,
                        "error": "",
                        "handled_at": clock.now(),
                        "attempts": row.attempts + 1,
                    },
                )
    except Exception as error:
        logger.exception("inbound.failed", inbound_event=event.pk, source=event.source)
        _record_fault(event, error)
    event.refresh_from_db()


def _record_fault(event: InboundEvent, error: Exception) -> None:
    with transaction.atomic():
        row = InboundEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
        if row.state not in INBOUND.open:
            return
        attempts = row.attempts + 1
        changes = {"attempts": attempts, "error": f"{type(error).__name__}: {error}"[:4_000]}
        INBOUND.move_where(InboundEvent.objects.filter(pk=row.pk), INBOUND.FAILED, actor=None, changes=changes)
        if attempts < MAX_ATTEMPTS:
            enqueue(TASK, row.pk, priority=5, delay=timedelta(seconds=15 * attempts * attempts))


def _status(event: InboundEvent) -> Outcome:
    message = twilio_status.handle(event)
    return Outcome("status", message, is_ignored=message is None)


def _provider(event: InboundEvent) -> Outcome:
    if (raw := provider_news.reply_of(event)) is not None:
        return mail_messages.handle(event, raw)
    kind, message = provider_news.handle(event)
    return Outcome(kind, message, is_ignored=message is None and kind != "confirmation")


HANDLERS: dict[str, Callable[[InboundEvent], Outcome]] = {
    "twilio.status": _status,
    "twilio.message": text_messages.handle,
    "provider": _provider,
    "imap": mail_messages.handle,
    "network": network_messages.handle,
    "booking": booking_news.handle,
}
"""Source prefix → what understands it; the first that fits."""


def _handler(source: str) -> Callable[[InboundEvent], Outcome]:
    for prefix, handler in HANDLERS.items():
        if source == prefix or source.startswith(f"{prefix}."):
            return handler
    raise Invalid("source", f"no handler for “{source}”", code="unknown_source")
