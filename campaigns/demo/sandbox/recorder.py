"""Writes down what simulated recipients will do, and lets it happen when it is due."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction

from campaigns.demo.sandbox import mails, persona, texts
from campaigns.demo.sandbox.adapter import seed
from campaigns.demo.sandbox.models import SandboxEvent
from conversations.channels.base import Account, Outgoing
from conversations.inbound.services import store
from conversations.models import Message
from conversations.outbox.events import record_event
from outreach.core import clock
from outreach.core.errors import OutreachError

logger = structlog.get_logger(__name__)

BATCH_COUNT = 100


def plan(account: Account, outgoing: Outgoing) -> None:
    """Write the recipient's reactions to `outgoing`, once however often it is called."""
    message = Message.objects.filter(pk=outgoing.id).values("conversation_id", "follows_id").first()
    if message is None:
        return
    answered = SandboxEvent.objects.filter(
        message__conversation_id=message["conversation_id"], kind="reply", done_at__isnull=False
    )
    reactions = persona.reactions(
        outgoing.address,
        seed=seed(account),
        channel=outgoing.channel,
        language=texts.language_of(outgoing.language, outgoing.body),
        is_follow_up=message["follows_id"] is not None,
        turn=answered.count(),
    )
    now = clock.now()
    SandboxEvent.objects.bulk_create(
        [
            SandboxEvent(
                message_id=outgoing.id,
                kind=reaction.kind,
                payload=reaction.payload,
                due_at=now + timedelta(minutes=reaction.after_minutes / settings.SANDBOX_SPEED),
            )
            for reaction in reactions
        ],
        ignore_conflicts=True,
    )


def play_due() -> int:
    """Let happen what is due, each event in its own transaction; how many did."""
    count = 0
    while count < BATCH_COUNT and _play_next():
        count += 1
    return count


def _play_next() -> bool:
    with transaction.atomic():
        event = (
            SandboxEvent.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("message__sender")
            .filter(done_at=None, due_at__lte=clock.now())
            .order_by("due_at", "id")
            .first()
        )
        if event is None:
            return False
        event.done_at = clock.now()
        try:
            with transaction.atomic():
                _play(event)
        except OutreachError as error:
            event.error = str(error)
            logger.warning("sandbox.event_failed", event_id=event.pk, reason=str(error))
        event.save(update_fields=["done_at", "error", "updated_at"])
    return True


def _play(event: SandboxEvent) -> None:
    message = event.message
    if event.kind in {"delivered", "opened", "clicked"}:
        record_event(
            message=message,
            kind=event.kind,
            occurred_at=clock.now(),
            external_id=f"sandbox:{event.pk}",
            data={"source": "sandbox"},
        )
    elif message.channel == "sms":
        _text_back(event)
    else:
        _mail_back(event)


def _text_back(event: SandboxEvent) -> None:
    """An inbound text, with the fields of Twilio's webhook."""
    message = event.message
    sid = f"SMsandbox{event.pk}"
    fields = {
        "MessageSid": sid,
        "From": message.address,
        "To": message.sender.address if message.sender else "",
        "Body": str(event.payload.get("text", "")),
        "NumMedia": "0",
        "NumSegments": "1",
    }
    store(source="twilio.message.sandbox", external_id=sid, sender=message.sender, fields=fields)


def _mail_back(event: SandboxEvent) -> None:
    """A mail as it would lie in the mailbox."""
    message, payload, now = event.message, event.payload, clock.now()
    original = mails.Original(
        id=message.pk,
        address=message.address,
        sender_address=message.sender.address if message.sender else "",
        subject=message.subject,
        body=message.body,
        rfc_message_id=message.rfc_message_id,
        references=(message.in_reply_to,) if message.in_reply_to else (),
        language=texts.language_of(message.language, message.body),
        sent_at=message.sent_at or message.created_at,
    )
    if event.kind == "bounce":
        raw = mails.bounce(original, status=payload["status"], now=now)
    elif event.kind == "auto_reply":
        raw = mails.out_of_office(original, days=payload["days"], now=now)
    else:
        raw = mails.reply(
            original,
            text=payload["text"],
            now=now,
            quotes=payload["quotes"],
            signs=payload["signs"],
            has_html=payload["has_html"],
        )
    store(source="imap.sandbox", external_id=f"{message.pk}:{event.kind}", sender=message.sender, body=raw)
