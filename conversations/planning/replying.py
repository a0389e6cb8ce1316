"""An answer in the thread that it answers: by a person, who approves it and has it sent at once, or by a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from conversations.files.enclosures import Enclosure, decode
from conversations.models import Conversation, Message
from conversations.outbox import moment
from conversations.outbox.copies import NO_COPIES, Copies
from conversations.outbox.models import BY_HAND, Stream
from conversations.outbox.threads import MAX_SUBJECT, reply_subject
from conversations.planning.plans import MessagePlan
from conversations.planning.services import plan_message
from conversations.senders.models import Sender
from outreach.access.models import User
from outreach.core.addresses import EMAIL
from outreach.core.errors import Invalid, Refused
from outreach.core.words import gettext as _
from outreach.llm.models import Interaction

FORWARDS = "forwards"
"""The mark of a message that went to somebody else than the person of its conversation: the id of what it passes on."""
UNDO = timedelta(seconds=10)
"""How long what a person sends can be taken back before it leaves."""
STREAM_NAME, RULE_STREAM_NAME = "Replies by hand", "Replies by playbook"
PRIORITY = BY_HAND


def reply_stream() -> Stream:
    """The stream of manual answers: always active, without window or cap, not stopped by a reply."""
    stream, _created = Stream.objects.get_or_create(
        name=STREAM_NAME, defaults={"state": "active", "priority": PRIORITY, "is_stopped_by_reply": False}
    )
    return stream


def rule_stream() -> Stream:
    """The stream of answers that leave by themselves: they go before campaigns, and a reply stops them."""
    stream, _created = Stream.objects.get_or_create(
        name=RULE_STREAM_NAME, defaults={"state": "active", "priority": PRIORITY - 1}
    )
    return stream


@dataclass(frozen=True)
class Answer:
    """What is written in a conversation. Without `send_at` it leaves now; `channel` is the last one unless given.

    `key` is made by the client, so that the same answer sent twice is one message. `interaction` is the model's call
    behind a suggested text; `marks` are kept on the message.
    """

    body: str
    subject: str = ""
    channel: str = ""
    files: Sequence[Enclosure] = ()
    send_at: datetime | None = None
    key: str = ""
    copies: Copies = NO_COPIES
    interaction: Interaction | None = None
    marks: Mapping[str, Any] = field(default_factory=dict)


def marks_of(conversation: Conversation, key: str) -> dict[str, Any]:
    """What an answer keeps: the client's key, and since when it was waited for, should it be taken back."""
    waited = conversation.waiting_since
    return {**({"key": key} if key else {}), **({"waited_since": waited.isoformat()} if waited else {})}


@transaction.atomic
def reply_now(*, conversation: Conversation, author: User, answer: Answer, sender: Sender | None = None) -> Message:
    """Answer the last inbound message (or write first) as `author`; it passes the gate like everything else.

    Channel, sender and address are those of the last message on that channel unless given. Raises `Refused` when there
    is nobody to write to or nothing to write from, and for everybody who opted out.
    """
    approval = {
        "stream": reply_stream(),
        "approved_by_id": author.pk,
        "author_id": author.pk,
        "priority": PRIORITY,
        "is_stopped_by_reply": False,
    }
    return _plan(conversation, answer, approval, sender)


@transaction.atomic
def reply_by_rule(*, conversation: Conversation, rule: str, answer: Answer) -> Message:
    """Answer like `reply_now` without a person: quiet hours hold it, and a newer reply stops it. Raises the same."""
    approval = {"stream": rule_stream(), "approval_rule": rule, "priority": PRIORITY - 1, "is_stopped_by_reply": True}
    return _plan(conversation, answer, approval, None)


def _plan(conversation: Conversation, answer: Answer, approval: Mapping[str, Any], sender: Sender | None) -> Message:
    channel: str | None = answer.channel or None
    last = (
        conversation.messages.exclude(direction=Message.Direction.NOTE)
        .exclude(attributes__has_key=FORWARDS)
        .select_related("sender")
        .filter(**({"channel": channel} if channel else {}))
        .order_by("-id")
    )
    inbound = last.filter(direction=Message.Direction.IN).first()
    previous = inbound or last.first()
    channel = channel or (previous.channel if previous else None)
    if channel is None:
        raise Refused(_("Choose a channel: there are no messages with this person yet."), code="no_channel")
    address = _address(conversation, previous, channel)
    sender = sender or _sender(conversation, previous, channel)
    return plan_message(
        MessagePlan(
            conversation=conversation,
            sender=sender,
            channel=channel,
            address=address,
            subject=answer.subject or reply_subject(previous.subject if previous else ""),
            body=answer.body,
            scheduled_at=answer.send_at or moment.now(),
            interaction_id=answer.interaction.pk if answer.interaction else None,
            language=previous.language if previous else "",
            in_reply_to=inbound.rfc_message_id if inbound else (previous.rfc_message_id if previous else ""),
            attributes={**({"answers": inbound.pk} if inbound else {}), **answer.marks},
            files=answer.files,
            copies=answer.copies,
            **approval,
        )
    )


@transaction.atomic
def forward(*, message: Message, author: User, to: str, text: str, key: str = "", send_at: datetime) -> Message:
    """Send `message` with its files to somebody outside the conversation, below a few words of `author`'s.

    It is kept in the conversation and passes the gate; nobody's answer is given by it. Raises `Invalid` for what is no
    address, `Refused` for people who opted out.
    """
    conversation = message.conversation
    if message.channel != EMAIL:
        raise Invalid("to", _("Only e-mail can be forwarded."), code="wrong_channel")
    when = message.received_at or message.sent_at or message.created_at
    who = message.address if message.direction == Message.Direction.IN else (message.sender or "")
    lines = [
        "---------- Forwarded message ----------",
        f"From: {who}",
        f"Date: {when:%Y-%m-%d %H:%M} UTC",
        f"Subject: {message.subject}",
        "",
        str(message.attributes.get("text") or message.body),
    ]
    subject = message.subject if message.subject.lower().startswith("fwd:") else f"Fwd: {message.subject}"
    return plan_message(
        MessagePlan(
            conversation=conversation,
            sender=_sender(conversation, message, EMAIL),
            channel=EMAIL,
            address=to,
            subject=subject[:MAX_SUBJECT],
            body="\n".join([*([text.strip(), ""] if text.strip() else []), *lines]),
            stream=reply_stream(),
            scheduled_at=send_at,
            approved_by_id=author.pk,
            author_id=author.pk,
            priority=PRIORITY,
            is_stopped_by_reply=False,
            language=message.language,
            attributes={FORWARDS: message.pk, **({"key": key} if key else {})},
            files=decode(message.enclosures),
        )
    )


def _address(conversation: Conversation, previous: Message | None, channel: str) -> str:
    if previous is not None and previous.address:
        return previous.address
    address = conversation.lead.address(channel) if conversation.lead else conversation.contact
    if not address:
        raise Refused(_("There is no address for this channel."), code="no_address")
    return address


def _sender(conversation: Conversation, previous: Message | None, channel: str) -> Sender:
    if previous is not None and previous.sender is not None:
        return previous.sender
    used = (
        conversation.messages.filter(channel=channel, sender__isnull=False)
        .select_related("sender")
        .order_by("-id")
        .first()
    )
    if used is not None and used.sender is not None:
        return used.sender
    sender = Sender.objects.active().filter(channel=channel).order_by("id").first()
    if sender is None:
        raise Refused(_("There is no active sender for this channel."), code="no_sender")
    return sender
