"""Work out again when planned messages leave: their hours were changed, or a person wants them to leave now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from conversations.consent import hours
from conversations.models import MESSAGE, Message, MessageEvent
from conversations.outbox import events, moment, transitions
from conversations.outbox.lanes import wake
from outreach.core.addresses import EMAIL
from outreach.core.models import Actor

CHUNK = 500
HELD_BY_HOURS = Q(refused_by__in=("", "window_open"))
"""Messages that wait for their time, and those that the gate put off until their hours open."""


@dataclass(frozen=True)
class Reopened:
    """How many messages were looked at, how many of them may leave now, and when the next of the others opens."""

    total: int = 0
    due: int = 0
    next_at: datetime | None = None
    closed: str = ""
    """What holds the next of the others, as a sentence."""

    def __add__(self, other: Reopened) -> Reopened:
        is_first = other.next_at is None or (self.next_at is not None and self.next_at <= other.next_at)
        first = self if is_first else other
        return Reopened(self.total + other.total, self.due + other.due, first.next_at, first.closed)


def reopen(chosen: Q, *, actor: Actor, reason: str, send_now_until: datetime | None = None) -> Reopened:
    """Give the waiting messages that `chosen` selects the first opening of their hours as they are now.

    With `send_now_until` they may leave now, and until then the window of their stream does not hold them; quiet hours,
    consent, public holidays, the sender's hours and every cap do. A message that may leave already keeps its time.
    """
    ids = list(
        Message.objects.waiting()
        .filter(chosen, HELD_BY_HOURS)
        .order_by("scheduled_at", "pk")
        .values_list("pk", flat=True)
    )
    found = Reopened()
    for start in range(0, len(ids), CHUNK):
        found += _reopen(ids[start : start + CHUNK], actor, reason, send_now_until)
    return found


@transaction.atomic
def _reopen(ids: list[int], actor: Actor, reason: str, send_now_until: datetime | None) -> Reopened:
    locked = [row.pk for row in transitions.lock_chosen(Q(pk__in=ids), MESSAGE.waiting)]
    rows = Message.objects.filter(pk__in=locked).select_related("stream", "sender", "lead", "conversation")
    now = moment.now()
    wanted = {} if send_now_until else _wanted(locked)
    known: dict[tuple[Any, ...], hours.Bounds] = {}
    changed: list[Message] = []
    opened: list[hours.Bounds] = []
    for row in sorted(rows, key=lambda row: (row.scheduled_at or now, row.pk)):
        if send_now_until is not None:
            row.attributes = {**row.attributes, hours.SEND_NOW: send_now_until.isoformat()}
        due = max(wanted.get(row.pk, now), row.conversation.snoozed_until or now, now)
        bounds = _bounds(row, due, known)
        opened.append(bounds)
        is_leaving = bounds.opens_at is not None and bounds.opens_at <= now
        if is_leaving and row.scheduled_at and row.scheduled_at <= now and send_now_until is None:
            continue
        row.scheduled_at = bounds.opens_at or row.scheduled_at
        row.timing = bounds.as_json(now, "planned")
        changed.append(row)
    _write(changed, now)
    events.note_all(changed, "scheduled", at=now, data=lambda row: {"by": actor.name, "reason": reason})
    due_rows = [row for row in rows if row.scheduled_at and row.scheduled_at <= now]
    for channel in sorted({row.channel for row in due_rows}):
        wake(channel)
    later = min((b for b in opened if b.opens_at and b.opens_at > now), key=lambda b: b.opens_at or now, default=None)
    return Reopened(
        len(opened), len(due_rows), later.opens_at if later else None, "; ".join(later.closed) if later else ""
    )


def _bounds(row: Message, due: datetime, known: dict[tuple[Any, ...], hours.Bounds]) -> hours.Bounds:
    """The hours of `row` from `due` on: worked out once for e-mails of the same sender to the same place."""
    if row.channel != EMAIL:  # a number has a place of its own, and quiet hours
        return hours.bounds(row, due)
    lead = row.lead
    place = (lead.time_zone, lead.country, lead.region, lead.city) if lead else ()
    own = (row.attributes.get(hours.SEND_NOW), str(row.attributes.get(hours.OWN_HOURS, "")))
    key = (row.stream_id, row.sender_id, due, row.approval_rule, own, place)
    if key not in known:
        known[key] = hours.bounds(row, due)
    return known[key]


def _wanted(ids: Iterable[int]) -> dict[int, datetime]:
    """When each message was meant to leave, before its hours were considered."""
    planned = MessageEvent.objects.filter(message__in=list(ids), kind="scheduled", data__has_key="for").order_by("pk")
    return {pk: datetime.fromisoformat(data["for"]) for pk, data in planned.values_list("message_id", "data")}


def _write(rows: list[Message], now: datetime) -> None:
    """One statement for all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_message m SET scheduled_at = g.scheduled_at, timing = g.timing,"
            " attributes = g.attributes, refused_by = '', error = '', updated_at = %s"
            " FROM json_to_recordset(%s::json)"
            " AS g(id bigint, scheduled_at timestamptz, timing jsonb, attributes jsonb) WHERE m.id = g.id",
            [
                now,
                json.dumps(
                    [
                        {
                            "id": row.pk,
                            "scheduled_at": row.scheduled_at.isoformat() if row.scheduled_at else None,
                            "timing": row.timing,
                            "attributes": row.attributes,
                        }
                        for row in rows
                    ]
                ),
            ],
        )
