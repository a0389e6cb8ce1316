"""The raw store: everything from outside is kept exactly as it came, once, before anybody tries to understand it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils.translation import gettext as _

from conversations.inbound.models import INBOUND, InboundEvent
from conversations.senders.models import Sender
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.jobs.services import enqueue

HANDLE = "conversations.inbound.tasks.handle"
PRIORITY = 10
"""Somebody is waiting: before all other work of the lane."""


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
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO inbound_inboundevent"
                " (source, external_id, sender_id, fields, body, state, kind, attempts, error, received_at)"
                " VALUES (%s, %s, %s, %s::jsonb, %s, %s, '', 0, '', now())"
                " ON CONFLICT (source, external_id) DO NOTHING RETURNING id, received_at",
                [
                    event.source,
                    event.external_id,
                    event.sender_id,
                    orjson.dumps(event.fields).decode(),
                    bytes(event.body),
                    event.state,
                ],
            )
            row = cursor.fetchone()
        if row is None:
            return None
        event.pk, event.received_at = row
        event._state.adding = False
        enqueue(HANDLE, event.pk, priority=PRIORITY)
    return event


def handle_again(*, event: InboundEvent, actor: Actor, reason: str = "") -> None:
    """Put an event back and wake its handling, which is idempotent. Raises `Refused` while it still waits."""
    if event.state == "stored":
        raise Refused(_("This event is still waiting to be handled."), code="still_waiting")
    with transaction.atomic():
        INBOUND.move(event, "stored", actor=actor, reason=reason, changes={"error": "", "handled_at": None})
        enqueue(HANDLE, event.pk, priority=PRIORITY, key=f"inbound:{event.pk}")


def _clean(value: Any) -> Any:
    """`value` without what Postgres cannot hold: NUL characters and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_clean(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value
