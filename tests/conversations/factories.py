"""Rows of the conversations wing for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from conversations.models import Conversation, Message
from conversations.outbox.models import Stream
from conversations.outbox.streams import activate_stream, create_stream
from conversations.planning.plans import MessagePlan
from conversations.planning.services import plan_message
from conversations.senders.models import Sender
from conversations.services import conversation_for
from leads.models import Identity, Lead
from outreach.core import clock
from outreach.core.models import Actor

ACTOR = Actor.system("tests")
_number = count(1)


def make_lead(*, email: str = "", phone: str = "", **fields: Any) -> Lead:
    """A person with an e-mail address that looks real and reaches nobody outside the test servers."""
    number = next(_number)
    lead = Lead.objects.create(full_name=f"Person {number}", **fields)
    Identity.objects.create(lead=lead, channel="email", address=email or f"person{number}@firm{number}.de")
    if phone:
        Identity.objects.create(lead=lead, channel="sms", address=phone)
    return lead


def make_sender(**fields: Any) -> Sender:
    """An active sender with wide caps; credentials by the service where they matter."""
    number = next(_number)
    channel = fields.get("channel", "email")
    defaults: dict[str, Any] = {
        "name": f"Sender {number}",
        "channel": channel,
        "adapter": "smtp" if channel == "email" else "twilio",
        "address": f"me{number}@ourfirm.de" if channel == "email" else "+4915112345678",
        "settings": {"host": "127.0.0.1", "port": 25, "security": "plain"} if channel == "email" else {},
        "state": "active",
        "hourly_cap": 100_000,
        "daily_cap": 100_000,
        "weekly_cap": 100_000,
    }
    return Sender.objects.create(**{**defaults, **fields})


def make_stream(*, is_active: bool = True, **fields: Any) -> Stream:
    stream = create_stream(name=f"Stream {next(_number)}", **fields)
    if is_active:
        activate_stream(stream=stream, actor=ACTOR)
    return stream


def make_conversation(lead: Lead | None = None) -> Conversation:
    return conversation_for(lead=lead or make_lead())


def make_message(
    *,
    conversation: Conversation | None = None,
    sender: Sender | None = None,
    stream: Stream | None = None,
    scheduled_at: datetime | None = None,
    **fields: Any,
) -> Message:
    """An approved message that is due now."""
    conversation = conversation or make_conversation()
    sender = sender or make_sender()
    lead = conversation.lead
    defaults: dict[str, Any] = {
        "channel": sender.channel,
        "address": lead.address(sender.channel) if lead else conversation.contact,
        "subject": "Hello" if sender.channel == "email" else "",
        "body": "A short text.",
        "approval_rule": "tests",
    }
    for name in ("interaction", "approved_by", "author"):
        if name in fields:
            row = fields.pop(name)
            fields[f"{name}_id"] = row.pk if row else None
    return plan_message(
        MessagePlan(
            conversation=conversation,
            sender=sender,
            stream=stream or make_stream(),
            scheduled_at=scheduled_at or clock.now() - timedelta(seconds=1),
            **{**defaults, **fields},
        )
    )


def make_reply(
    conversation: Conversation, *, body: str = "Sounds good", at: datetime | None = None, **fields: Any
) -> Message:
    """A person's answer, as the mailbox collector stores it."""
    return Message.objects.create(
        conversation=conversation,
        lead=conversation.lead,
        direction=Message.Direction.IN,
        state="received",
        channel=fields.pop("channel", "email"),
        address=conversation.lead.address("email") if conversation.lead else conversation.contact,
        body=body,
        received_at=at or clock.now(),
        **fields,
    )
