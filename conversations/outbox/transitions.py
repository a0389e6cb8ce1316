"""Many messages at once, in few statements: cancel, and retry at a pace.

Locks are taken in the wing's one order: conversations, then messages by id, then allowances (senders before streams).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from conversations.models import Conversation, Message
from conversations.outbox import events, moment, quotas
from conversations.outbox.states import move
from outreach.core.audit import record_all
from outreach.core.models import Actor

CHUNK = 5_000
_AS_NEW: dict[str, Any] = {
    "claim_token": None, "attempts": 0, "refused_by": "", "error": "", "error_code": "", "provider_id": "",
    "sent_at": None,
}  # fmt: skip


def lock_chosen(chosen: Q, states: tuple[str, ...]) -> list[Message]:
    """The outgoing messages in `states` that `chosen` selects, with their conversations, locked."""
    found = Message.objects.filter(chosen, direction=Message.Direction.OUT, state__in=states)
    conversations = Conversation.objects.select_for_update(no_key=True).filter(pk__in=found.values("conversation_id"))
    if not list(conversations.order_by("pk").values_list("pk", flat=True)):
        return []
    return list(
        found.select_for_update(of=("self",), no_key=True)
        .select_related("stream")
        .only(
            "pk", "state", "sender_id", "channel", "claimed_at", "scheduled_at", "conversation_id", "lead_id",
            "provider_id", "error_code", "approved_hash", "stream__daily_cap",
        )
        .order_by("id")
    )  # fmt: skip


@transaction.atomic
def cancel(chosen: Q, *, actor: Actor, reason: str, check: str, states: tuple[str, ...]) -> int:
    """Cancel what `chosen` selects, in the caller's transaction; places in quotas are given back."""
    rows = lock_chosen(chosen, states)
    if not rows:
        return 0
    now = moment.now()
    for start in range(0, len(rows), CHUNK):
        ids = [row.pk for row in rows[start : start + CHUNK]]
        moved = Message.objects.filter(pk__in=ids)
        move(moved, "cancelled", claim_token=None, refused_by=check, error=reason, updated_at=now)
    events.note_all(rows, "cancelled", at=now, data=lambda row: {"reason": reason, "by": actor.name})
    record_all(
        "message.cancelled",
        subjects=((Message, row.pk, {"from": row.state}) for row in rows),
        actor=actor,
        reason=reason,
    )
    quotas.give_back([row for row in rows if row.is_claimed])
    return len(rows)


@transaction.atomic
def reschedule(rows: list[Message], *, actor: Actor, reason: str, is_paced: bool) -> int:
    """Reschedule `rows` (locked) from now on, in the order they were due; returns how many.

    Paced: one after the other for each sender, so that a held batch does not leave in a burst.
    """
    now = moment.now()
    pace = timedelta(seconds=settings.OUTREACH.delivery.release_pace_seconds if is_paced else 0)
    turns: dict[int | None, int] = defaultdict(int)
    times: list[tuple[int, datetime]] = []
    for row in sorted(rows, key=lambda row: (row.scheduled_at or now, row.pk)):
        times.append((row.pk, now + pace * turns[row.sender_id]))
        turns[row.sender_id] += 1
    for start in range(0, len(times), CHUNK):
        part = times[start : start + CHUNK]
        ids, moments = zip(*part, strict=True)
        move(Message.objects.filter(pk__in=ids), "scheduled", updated_at=now, **_AS_NEW)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE conversations_message m SET scheduled_at = t.at"
                " FROM unnest(%s::bigint[], %s::timestamptz[]) AS t(id, at) WHERE m.id = t.id",
                [list(ids), list(moments)],
            )
    events.note_all(
        rows,
        "scheduled",
        at=now,
        data=lambda row: {"by": actor.name, "reason": reason, "earlier_provider_id": row.provider_id},
    )
    record_all(
        "message.retried",
        subjects=((Message, row.pk, {"from": row.state}) for row in rows),
        actor=actor,
        reason=reason,
    )
    return len(rows)
