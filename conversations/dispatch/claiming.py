"""Claim due messages of one sender: caps, gap, back-off, pauses, priority and fairness in one short transaction.

The sender's allowance row is the lock: one claimer a sender at a time, the others pass by. Each (stream, priority) is a
lane; the highest priority goes first, lanes of equal priority take turns, so that no campaign starves another one.
What the sender may do now (caps, warm-up, health, workday, gap, mail providers) is worked out once, before rows are
looked at. Only while a mail provider is slowed down do rows learn which provider is behind them, in a separate statement.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from conversations.models import MESSAGE, Message
from conversations.outbox import moment, quotas, states
from conversations.outbox.models import BY_HAND, Stream
from conversations.senders import policy
from conversations.senders.models import SENDER, Sender
from outreach.core import statements
from outreach.limits import services as limits
from outreach.limits import throttles
from outreach.limits.models import Allowance
from outreach.limits.windows import Limits

_CLAIMABLE = f"m.state IN {states.in_sql(MESSAGE.sources('claimed'))}"
_WAITING = f"{_CLAIMABLE} AND NOT (m.approved_hash = '')"

_DESK = f"""
SELECT x.*, a.id AS allowance_id, a.usage AS allowance_usage, a.next_at AS allowance_next_at, {{now}} AS at, (
    WITH RECURSIVE lanes AS (
        (SELECT m.stream_id, m.priority FROM conversations_message m
         WHERE m.sender_id = x.id AND {_WAITING} ORDER BY m.stream_id, m.priority LIMIT 1)
        UNION ALL
        SELECT n.stream_id, n.priority FROM lanes, LATERAL (
            SELECT m.stream_id, m.priority FROM conversations_message m
            WHERE m.sender_id = x.id AND {_WAITING}
              AND (m.stream_id, m.priority) > (lanes.stream_id, lanes.priority)
            ORDER BY m.stream_id, m.priority LIMIT 1) n
    )
    SELECT json_agg(json_build_array(l.stream_id, l.priority, l.priority + s.priority, s.daily_cap))
    FROM lanes l JOIN outbox_stream s ON s.id = l.stream_id WHERE s.state = 'active'
) AS lanes
FROM limits_allowance a JOIN senders_sender x ON x.id = %(sender)s
WHERE a.key = %(key)s AND x.state = ANY(%(states)s) FOR UPDATE OF a SKIP LOCKED
"""
"""The sender as it is now, its allowance under the lock, the time, and where something waits: one round trip."""

_PICK = f"""
WITH lanes AS (
    SELECT * FROM unnest(%(streams)s::bigint[], %(priorities)s::int[], %(rooms)s::int[], %(ranks)s::int[])
        AS lane(stream_id, priority, room, rank)
), due AS (
    SELECT c.*, lane.stream_id, lane.room, lane.rank FROM lanes lane CROSS JOIN LATERAL (
        SELECT m.id, m.scheduled_at, row_number() OVER (ORDER BY m.scheduled_at, m.id) AS turn
        FROM conversations_message m
        WHERE m.sender_id = %(sender)s AND m.stream_id = lane.stream_id AND m.priority = lane.priority
          AND {_WAITING} AND m.scheduled_at <= {{now}}
        ORDER BY m.scheduled_at, m.id LIMIT lane.room) c
), fair AS (
    SELECT id, rank, turn, scheduled_at, room,
           row_number() OVER (PARTITION BY stream_id ORDER BY rank DESC, turn) AS place FROM due
), picked AS (
    SELECT id FROM fair WHERE place <= room ORDER BY rank DESC, turn, scheduled_at, id LIMIT %(count)s::int
), locked AS (
    SELECT m.id FROM conversations_message m
    WHERE m.id = ANY(ARRAY(SELECT id FROM picked)) AND {_CLAIMABLE} FOR UPDATE SKIP LOCKED
)
UPDATE conversations_message m
SET state = 'claimed', claim_token = %(token)s, claimed_at = {{now}}, updated_at = {{now}}
WHERE m.id = ANY(ARRAY(SELECT id FROM locked))
RETURNING m.id, m.stream_id, '' AS provider
"""

LOOK_AHEAD = 200
"""Due rows of a lane, to providers that still take some, that are looked at while one of them is slowed down."""

_PICK_BY_PROVIDER = f"""
WITH lanes AS (
    SELECT * FROM unnest(%(streams)s::bigint[], %(priorities)s::int[], %(rooms)s::int[], %(ranks)s::int[])
        AS lane(stream_id, priority, room, rank)
), slowed AS (
    SELECT * FROM unnest(%(providers)s::text[], %(provider_rooms)s::int[]) AS slowed(provider, room)
), due AS (
    SELECT c.*, lane.stream_id, lane.room, lane.rank FROM lanes lane CROSS JOIN LATERAL (
        SELECT f.id, f.scheduled_at, f.provider, f.provider_room,
               row_number() OVER (ORDER BY f.scheduled_at, f.id) AS turn
        FROM (
            SELECT a.*, slowed.room AS provider_room,
                   row_number() OVER (PARTITION BY a.provider ORDER BY a.scheduled_at, a.id) AS place
            FROM (
                SELECT m.id, m.scheduled_at, coalesce(d.provider, 'other') AS provider
                FROM conversations_message m
                LEFT JOIN deliverability_maildomain d ON d.domain = split_part(m.address, '@', 2)
                WHERE m.sender_id = %(sender)s AND m.stream_id = lane.stream_id AND m.priority = lane.priority
                  AND {_WAITING} AND m.scheduled_at <= {{now}}
                  AND NOT (coalesce(d.provider, 'other') = ANY(%(closed)s::text[]))
                ORDER BY m.scheduled_at, m.id LIMIT {LOOK_AHEAD}) a
            LEFT JOIN slowed ON slowed.provider = a.provider) f
        WHERE f.provider_room IS NULL OR f.place <= f.provider_room
        ORDER BY f.scheduled_at, f.id LIMIT lane.room) c
), fair AS (
    SELECT id, rank, turn, scheduled_at, room, provider, provider_room,
           row_number() OVER (PARTITION BY stream_id ORDER BY rank DESC, turn) AS place,
           row_number() OVER (PARTITION BY provider ORDER BY rank DESC, turn, scheduled_at, id) AS provider_place FROM due
), picked AS (
    SELECT id, provider FROM fair WHERE place <= room AND (provider_room IS NULL OR provider_place <= provider_room)
    ORDER BY rank DESC, turn, scheduled_at, id LIMIT %(count)s::int
), locked AS (
    SELECT m.id, p.provider FROM conversations_message m JOIN picked p ON p.id = m.id
    WHERE {_CLAIMABLE} FOR UPDATE OF m SKIP LOCKED
)
UPDATE conversations_message m
SET state = 'claimed', claim_token = %(token)s, claimed_at = {{now}}, updated_at = {{now}}
FROM locked l WHERE m.id = l.id
RETURNING m.id, m.stream_id, l.provider
"""


AT_ONCE_BY_HAND = 5
"""Answers by hand that are claimed together while the sender is closed or its budget is spent."""


@dataclass(frozen=True)
class _Lane:
    stream_id: int
    priority: int
    rank: int
    daily_cap: int | None


@dataclass(frozen=True)
class _Desk:
    """A sender whose allowance this transaction holds."""

    sender: Sender
    allowance: Allowance
    now: datetime
    lanes: list[_Lane]


def claim(sender: Sender, count: int) -> list[Message]:
    """Claim up to `count` due messages of `sender` in order of sending, with stream, sender and lead loaded.

    Commits when it returns. Empty when nothing is due, budgets are spent, the sender is closed, inactive or claimed by
    somebody else at this moment.
    """
    token = uuid4()
    ids, fresh = _claim_ids(sender, count, token)
    if not ids:
        return []
    rows = list(Message.objects.select_related("lead").filter(pk__in=ids, claim_token=token))
    streams = Stream.objects.in_bulk({row.stream_id for row in rows})
    for row in rows:
        row.sender, row.stream = fresh, streams[row.stream_id] if row.stream_id else None
    return sorted(rows, key=_order)


def _order(message: Message) -> tuple[int, datetime, int]:
    rank = message.priority + (message.stream.priority if message.stream else 0)
    return -rank, message.scheduled_at or message.created_at, message.pk


@transaction.atomic
def _claim_ids(sender: Sender, count: int, token: UUID) -> tuple[list[int], Sender]:
    """The ids of what is claimed, and the sender as it was read under the lock."""
    desk = _desk(sender)
    if desk is None:
        return [], sender
    fresh, row, now = desk.sender, desk.allowance, desk.now
    caps, open_lanes = policy.limits(fresh, row.usage, now), desk.lanes
    granted = limits.available(row, caps, now, wanted=count) if policy.is_working(fresh, now) else 0
    if not granted:  # what a person wrote leaves all the same, and counts
        open_lanes, granted = [lane for lane in desk.lanes if lane.priority >= BY_HAND], min(count, AT_ONCE_BY_HAND)
    if not open_lanes:
        return [], fresh
    rows, rooms = _stream_rooms(open_lanes, granted, now)
    lanes = [lane for lane in open_lanes if rooms[lane.stream_id]]
    if not lanes:
        return [], fresh
    parameters: dict[str, Any] = {
        "sender": fresh.pk,
        "streams": [lane.stream_id for lane in lanes],
        "priorities": [lane.priority for lane in lanes],
        "rooms": [rooms[lane.stream_id] for lane in lanes],
        "ranks": [lane.rank for lane in lanes],
        "count": granted,
        "token": token,
    }
    slowed = policy.group_throttles(fresh, row.usage, now)
    if slowed:
        parameters["providers"] = list(slowed)
        provider_rooms = {name: throttles.room(throttle, now) for name, throttle in slowed.items()}
        parameters["provider_rooms"] = list(provider_rooms.values())
        parameters["closed"] = [name for name, left in provider_rooms.items() if left <= 0]
    pick = _PICK_BY_PROVIDER if slowed else _PICK
    taken = statements.fetch_all(pick.format(now=moment.sql()), parameters)
    if taken:
        providers = Counter(provider for _id, _stream, provider in taken)
        limits.spend(row, caps, len(taken), now, further=lambda usage: policy.used(fresh, usage, now, providers))
    for stream_id, allowance in rows.items():
        limits.spend(allowance, Limits(), sum(1 for _id, stream, _provider in taken if stream == stream_id), now)
    return [message_id for message_id, _stream, _provider in taken], fresh


def _desk(sender: Sender) -> _Desk | None:
    """The sender under its lock, in the caller's transaction; None when it may not send or is locked."""
    key = quotas.sender_key(sender.pk)
    parameters = {"sender": sender.pk, "key": key, "states": list(SENDER.sending)}
    sql = _DESK.format(now=moment.sql())
    found: Any = next(iter(Sender.objects.raw(sql, parameters)), None)
    if found is None and not Allowance.objects.filter(key=key).exists():
        limits.ensure([key])
        found = next(iter(Sender.objects.raw(sql, parameters)), None)
    if found is None:
        return None
    allowance = Allowance(
        pk=found.allowance_id, key=key, usage=json.loads(found.allowance_usage), next_at=found.allowance_next_at
    )
    allowance._state.adding = False
    return _Desk(found, allowance, found.at, [_Lane(*lane) for lane in found.lanes or ()])


def _stream_rooms(lanes: list[_Lane], granted: int, now: datetime) -> tuple[dict[int, Allowance], dict[int, int]]:
    """The locked rows of capped streams (in the order of their ids, so that claimers cannot deadlock) and all rooms."""
    rows: dict[int, Allowance] = {}
    rooms: dict[int, int] = {}
    for lane in sorted(lanes, key=lambda lane: lane.stream_id):
        if lane.stream_id in rooms:
            continue
        if lane.daily_cap is None:
            rooms[lane.stream_id] = granted
            continue
        row = limits.lock(quotas.stream_key(lane.stream_id))
        if row is None:
            rooms[lane.stream_id] = 0
            continue
        rows[lane.stream_id] = row
        rooms[lane.stream_id] = limits.available(row, Limits(daily=lane.daily_cap), now, wanted=granted)
    return rows, rooms


def due_senders(channels: tuple[str, ...]) -> list[Sender]:
    """Senders that may send (draining ones too) and have something due, by index."""
    return list(
        Sender.objects.raw(
            f"""
            SELECT x.* FROM senders_sender x
            WHERE x.state = ANY(%(states)s) AND x.channel = ANY(%(channels)s) AND EXISTS (
                SELECT 1 FROM conversations_message m
                WHERE m.sender_id = x.id AND {_WAITING} AND m.scheduled_at <= {moment.sql()})
            ORDER BY x.id
            """,
            {"channels": list(channels), "states": list(SENDER.sending)},
        )
    )
