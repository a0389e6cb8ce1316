"""This wing's events as other systems see them, and what their ids stand for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation, Message
from conversations.senders.models import Sender
from outreach.events.kinds import EventKind, Subject, page

MOST_TEXT = 4_000


def message(pk: int) -> dict[str, Any] | None:
    row = Message.objects.filter(pk=pk).first()
    if row is None:
        return None
    return {
        "id": row.pk,
        "direction": row.direction,
        "channel": row.channel,
        "state": row.state,
        "address": row.address,
        "subject": row.subject,
        "text": row.body[:MOST_TEXT],
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
    }


def conversation(pk: int) -> dict[str, Any] | None:
    row = Conversation.objects.filter(pk=pk).first()
    if row is None:
        return None
    return {
        "id": row.pk,
        "state": row.state,
        "needs_answer": row.waiting_since is not None,
        "booked_for": row.booked_for.isoformat() if row.booked_for else None,
        "url": page("inbox:conversation", row.pk),
    }


def sender(pk: int) -> dict[str, Any] | None:
    row = Sender.objects.filter(pk=pk).first()
    if row is None:
        return None
    url = page("senders:detail", row.pk)
    return {"id": row.pk, "name": row.name, "channel": row.channel, "address": row.address, "state": row.state, "url": url}  # fmt: skip


_IDS = {"message_id": 30211, "conversation_id": 1810, "lead_id": 4821}

SUBJECTS = [
    Subject(
        "message_id", "message", message,
        {"id": 30211, "direction": "in", "channel": "email", "state": "received", "address": "anna@firm.example",
         "subject": "Re: Empty trucks on the way back", "text": "Sounds useful. Could we talk on Thursday?", "sent_at": None},
    ),
    Subject(
        "conversation_id", "conversation", conversation,
        {"id": 1810, "state": "engaged", "needs_answer": True, "booked_for": None,
         "url": "https://outreach.example/inbox/1810/"},
    ),
    Subject(
        "sender_id", "sender", sender,
        {"id": 2, "name": "Maria at Acme", "channel": "email", "address": "maria@acme.example", "state": "paused",
         "url": "https://outreach.example/senders/2/"},
    ),
]  # fmt: skip

KINDS = [
    EventKind("message.sent", _("A message left."), _IDS),
    EventKind("message.event", _("Something happened to a message: delivered, opened, clicked, bounced, failed …"), {**_IDS, "kind": "delivered"}),
    EventKind("reply.received", _("A person answered."), _IDS),
    EventKind("reply.read", _("A reply was understood: positive, question, not now, opt-out …"), {**_IDS, "intent": "positive"}),
    EventKind("conversation.booked", _("A call was booked."), {**_IDS, "starts_at": "2026-03-05T13:00:00+00:00"}),
    EventKind("call.ended", _("A booked call took place, or the person didn't come."), {"conversation_id": 1810, "lead_id": 4821, "state": "held"}),
    EventKind("conversation.changed", _("Something in a conversation changed: state, owner, notes, drafts."), {"conversation_id": 1810}),
    EventKind("conversation.mentioned", _("A colleague was named in a note."), {**_IDS, "user_id": 7, "by_user_id": 3}),
    EventKind("network.connected", _("Someone accepted an invitation in the professional network."), {"lead_id": 4821, "sender_id": 2, "relation_id": 9, "invitation_id": 30100}),
    EventKind("sender.paused", _("A sender was paused because its figures reached a limit."), {"sender_id": 2, "reason": "Bounce rate 6.1% (limit 5%)"}),
]  # fmt: skip
