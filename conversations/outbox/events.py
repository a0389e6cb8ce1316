"""Events of a message: append-only, moving it forward only, once each, in any order.

Rows are locked in one order everywhere in this wing: conversation, messages by id, lead, allowances. Whoever locks a
message first and its conversation after it waits for somebody who waits for him.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest

from conversations.models import MESSAGE, RANK, Conversation, Message, MessageEvent
from conversations.outbox.states import move
from leads.services import note_contact
from outreach.events.services import publish, publish_all

TIMESTAMPS = {
    "sent": "sent_at",
    "delivered": "delivered_at",
    "opened": "opened_at",
    "clicked": "clicked_at",
    "replied": "replied_at",
}
TOLD = ("skipped", "cancelled", "failed", "unknown", "bounced")
"""Steps of our own that listeners hear of."""
ENDINGS = ("bounced", "failed")
"""States that an event may bring beside the upward ranks."""
NEVER_BY_EVENT = (*MESSAGE.not_left, "received")
"""States of a message that has not left; no carrier's callback touches them, unless it proves an attempt."""


def lock_conversation(conversation_id: int) -> None:
    """Lock the conversation's row first, in the caller's transaction."""
    Conversation.objects.select_for_update(no_key=True).filter(pk=conversation_id).values_list("pk", flat=True).first()


@transaction.atomic
def record_event(
    *,
    message: Message,
    kind: str,
    occurred_at: datetime,
    external_id: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> bool:
    """Store one event and move the message upwards if it leads there. False: this event was stored before.

    `external_id` makes a repeated callback one event. Late events keep their time and change nothing else. A second
    ending (delivered after failed) is stored with `conflict` in its data. `message` is refreshed.
    """
    lock_conversation(message.conversation_id)
    row = Message.objects.select_for_update().get(pk=message.pk)
    if external_id and MessageEvent.objects.filter(external_id=external_id).exists():
        return False
    details = dict(data or {})
    is_conflict = row.state in ENDINGS and kind in RANK and RANK[kind] > 1
    if is_conflict:
        details["conflict"] = row.state
    is_late_proof = row.state in MESSAGE.may_still_leave and row.sending_at is not None and kind in MESSAGE.proven
    is_closed = row.state in NEVER_BY_EVENT and not is_late_proof
    if is_late_proof or (row.is_unknown and kind in MESSAGE.proven):
        details["settles"] = row.state
    MessageEvent.objects.create(message=row, kind=kind, occurred_at=occurred_at, external_id=external_id, data=details)
    changes: dict[str, Any] = {} if is_closed else _changes(row, kind, occurred_at, details)
    is_now_sent = "sent_at" in changes
    if (to := changes.pop("state", None)) is not None:
        move(Message.objects.filter(pk=row.pk), to, sources=(row.state,), **changes)
    elif changes:
        Message.objects.filter(pk=row.pk).update(**changes)
    if is_now_sent:
        touch_contact(row, occurred_at)
        publish("message.sent", message_id=row.pk, conversation_id=row.conversation_id, lead_id=row.lead_id)
    if kind != "sent":
        publish("message.event", message_id=row.pk, kind=kind, conversation_id=row.conversation_id, lead_id=row.lead_id)
    message.refresh_from_db()
    return True


def _changes(row: Message, kind: str, occurred_at: datetime, details: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that an event of `kind` sets on `row`, its state among them when it leads upwards."""
    changes: dict[str, Any] = {}
    if kind in MESSAGE.states and _leads_up(row.state, kind):
        changes["state"] = kind
        if kind in ENDINGS:
            changes["error_code"] = str(details.get("code", ""))[:100]
            changes["error"] = str(details.get("reason", ""))[:2000]
        else:
            changes |= {"error_code": "", "error": "", "refused_by": ""}
    column = TIMESTAMPS.get(kind)
    if column and getattr(row, column) is None:
        changes[column] = occurred_at
    if row.sent_at is None and kind in MESSAGE.proven:
        changes["sent_at"] = occurred_at
    return changes


def _leads_up(old: str, new: str) -> bool:
    if not MESSAGE.allows(old, new):
        return False
    if new in ENDINGS:
        return True
    return new in RANK and RANK.get(old, -1) < RANK[new]


def touch_contact(message: Message, at: datetime) -> None:
    """Keep the columns that criteria and the inbox read: last contact of the lead and of the conversation."""
    Conversation.objects.filter(pk=message.conversation_id).update(
        last_outbound_at=Greatest(Coalesce(F("last_outbound_at"), at), at)
    )
    if message.lead_id:
        note_contact(message.lead_id, contacted_at=at)


def note(message: Message, kind: str, *, at: datetime, **data: Any) -> None:
    """Store one of our own events (scheduled, deferred, skipped, cancelled, retried) and publish it."""
    MessageEvent.objects.create(message=message, kind=kind, occurred_at=at, data=data)
    if kind in TOLD:
        publish(
            "message.event",
            message_id=message.pk,
            kind=kind,
            conversation_id=message.conversation_id,
            lead_id=message.lead_id,
        )


def note_all(
    messages: Iterable[Message], kind: str, *, at: datetime, data: Callable[[Message], dict[str, Any]]
) -> None:
    """`note` for many messages in few statements."""
    rows = list(messages)
    MessageEvent.objects.bulk_create(
        [MessageEvent(message=row, kind=kind, occurred_at=at, data=data(row)) for row in rows], batch_size=2_000
    )
    if kind in TOLD:
        publish_all(
            "message.event",
            [
                {"message_id": row.pk, "kind": kind, "conversation_id": row.conversation_id, "lead_id": row.lead_id}
                for row in rows
            ],
        )
