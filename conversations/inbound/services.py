"""The raw store: everything from outside is stored once, exactly as it came, before it is interpreted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection, transaction

from conversations.inbound.models import INBOUND, InboundEvent
from conversations.senders.models import Sender
from outreach.core.models import Actor
from outreach.jobs.queue import notify_after_commit
from outreach.jobs.services import enqueue

HANDLE = "conversations.inbound.tasks.handle"
PRIORITY = 10
"""Somebody is waiting: before all other work of the lane."""
PATIENCE = timedelta(minutes=2)
WAKE_COUNT = 500


def store(
    *,
    source: str,
    external_id: str,
    sender: Sender | None = None,
    fields: Mapping[str, Any] | None = None,
    body: bytes = b"",
) -> InboundEvent | None:
    """Keep one event and wake its handling in the same transaction. None when it was already stored.

    `external_id` is unique within `source`; a repeated delivery changes nothing, however many arrive at once.
    """
    event = InboundEvent(
        source=source, external_id=_clean(external_id), sender=sender, fields=_clean(dict(fields or {})), body=body
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH stored AS ("
            " INSERT INTO inbound_inboundevent"
            " (source, external_id, sender_id, fields, body, state, kind, attempts, error, received_at)"
            " VALUES (%s, %s, %s, %s::jsonb, %s, %s, '', 0, '', now())"
            " ON CONFLICT (source, external_id) DO NOTHING RETURNING id, received_at)"
            " SELECT id, received_at, jobs_put('default', %s, jsonb_build_array(id), '', %s, 0, 120) FROM stored",
            [
                event.source,
                event.external_id,
                event.sender_id,
                orjson.dumps(event.fields).decode(),
                bytes(event.body),
                event.state,
                HANDLE,
                PRIORITY,
            ],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    event.pk, event.received_at, _is_new = row
    event._state.adding = False
    notify_after_commit("default")
    return event


def handle_again(*, event: InboundEvent, actor: Actor, reason: str = "") -> None:
    """Put an event back, if it was handled, and wake its handling, which is idempotent."""
    with transaction.atomic():
        if not event.is_stored:
            INBOUND.move(event, "stored", actor=actor, reason=reason, changes={"error": "", "handled_at": None})
        _wake(event.pk)


def wake_stored(*, now: datetime) -> int:
    """Wake events that wait for longer than `PATIENCE`: their wake-up got lost. How many there were."""
    waiting = InboundEvent.objects.filter(state=INBOUND.STORED, received_at__lt=now - PATIENCE).order_by("id")
    event_ids = list(waiting.values_list("pk", flat=True)[:WAKE_COUNT])
    for event_id in event_ids:
        _wake(event_id)
    return len(event_ids)


def _wake(event_id: int) -> None:
    enqueue(HANDLE, event_id, priority=PRIORITY, key=f"inbound:{event_id}")


def _clean(value: Any) -> Any:
    """`value` without what Postgres cannot hold: NUL characters and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_clean(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value
