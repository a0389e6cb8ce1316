"""Plan many first messages at once: the checks of `plan_message` for a whole batch in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from conversations.consent.eligibility import suppressed_places
from conversations.models import Conversation, Message, MessageEvent
from conversations.outbox import moment
from conversations.outbox.content import content_hash, new_message_id
from conversations.outbox.models import Stream
from conversations.planning import checks
from conversations.senders.models import Sender
from leads.models import Lead
from outreach.core.addresses import EMAIL, SMS, is_reserved
from outreach.core.errors import OutreachError
from outreach.core.inserting import as_records, by_index_only, insert_of, record_columns
from outreach.core.secrets import address_digest


@dataclass(frozen=True, slots=True)
class Recipient:
    """What planning asks about a lead."""

    pk: int
    time_zone: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One approved message to somebody, as `plan_message` takes it."""

    lead: Recipient
    sender: Sender
    channel: str
    address: str
    subject: str
    body: str
    scheduled_at: datetime
    language: str = ""
    interaction_id: UUID | None = None
    approved_by_id: int | None = None
    approval_rule: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic(savepoint=False)
def plan_messages(*, stream: Stream, items: Sequence[Item]) -> list[int | None]:
    """Plan `items` into `stream`, in their order; the messages' ids.

    None stands where one needs a closer look: `plan_message` says why.
    """
    from conversations.outbox.lanes import wake

    if stream.state == "closed" or not items:
        return [None] * len(items)
    by_index_only()
    now = moment.now()
    digests = [address_digest(item.address) for item in items]
    suspects = suppressed_places(
        [(index, item.channel, item.lead.pk, item.address, digests[index]) for index, item in enumerate(items)]
    )
    conversations = _conversations([item.lead.pk for item in items], now)
    hours = _Hours(stream, now)
    rows = [
        None if index in suspects else _row(index, item, digests[index], stream, conversations[item.lead.pk], hours)
        for index, item in enumerate(items)
    ]
    planned = [row for row in rows if row is not None]
    ids: list[int | None] = [None] * len(items)
    if planned:
        for place, message_id in _insert(planned, stream, now):
            ids[place] = message_id
    if stream.state == "active":
        due = {items[row["place"]].channel for row in planned if datetime.fromisoformat(row["scheduled_at"]) <= now}
        for channel in due:
            wake(channel)
    return ids


def _conversations(lead_ids: Iterable[int], now: datetime) -> dict[int, tuple[int, datetime | None]]:
    """Their conversations under row locks, made on first use: (id, until when they are put off)."""
    ids = sorted(set(lead_ids))
    found = _locked(ids)
    missing = [pk for pk in ids if pk not in found]
    if missing:
        insert, values = insert_of(
            Conversation, ["lead_id"], source="given", alike={"created_at": now, "updated_at": now}
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH given AS (SELECT unnest(%s::bigint[]) AS lead_id) {insert}"
                " ON CONFLICT DO NOTHING RETURNING lead_id, id",
                [missing, *values],
            )
            found |= {lead_id: (pk, None) for lead_id, pk in cursor.fetchall()}
        found |= _locked([pk for pk in missing if pk not in found])
    return found


def _locked(lead_ids: list[int]) -> dict[int, tuple[int, datetime | None]]:
    if not lead_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lead_id, id, snoozed_until FROM conversations_conversation WHERE lead_id = ANY(%s)"
            " ORDER BY id FOR UPDATE",
            [lead_ids],
        )
        return {lead_id: (pk, until) for lead_id, pk, until in cursor.fetchall()}


class _Hours:
    """When messages open, worked out once for all recipients of a place, a sender and a time."""

    def __init__(self, stream: Stream, now: datetime) -> None:
        self.stream, self.now = stream, now
        self.known: dict[tuple[Any, ...], tuple[datetime, Any] | None] = {}

    def of(self, item: Item) -> tuple[datetime, Any] | None:
        """(opening, the decision about it); None when the hours never open together."""
        lead = item.lead
        key = (item.sender.pk, item.channel, item.scheduled_at, lead.time_zone, lead.country, lead.region, lead.city)
        if key not in self.known:
            self.known[key] = self._find(item)
        return self.known[key]

    def _find(self, item: Item) -> tuple[datetime, Any] | None:
        lead = Lead(
            time_zone=item.lead.time_zone, country=item.lead.country, region=item.lead.region, city=item.lead.city
        )
        message = Message(
            lead=lead, stream=self.stream, sender=item.sender, channel=item.channel, scheduled_at=item.scheduled_at,
            approval_rule=item.approval_rule,
        )  # fmt: skip
        try:
            checks.set_time(message, self.now)
        except OutreachError:
            return None
        return message.scheduled_at or item.scheduled_at, message.timing


COLUMNS = (
    "conversation_id", "lead_id", "sender_id", "channel", "address", "address_digest", "subject", "body", "language",
    "attributes", "interaction_id", "approved_hash", "approved_by_id", "approved_at", "approval_rule", "rfc_message_id",
    "scheduled_at", "timing",
)  # fmt: skip
"""What differs from message to message."""


def _row(
    place: int, item: Item, digest: str, stream: Stream, conversation: tuple[int, datetime | None], hours: _Hours
) -> dict[str, Any] | None:
    """One message's own columns; None for what needs a closer look."""
    conversation_id, snoozed_until = conversation
    sender, now = item.sender, hours.now
    if item.lead.is_erased or sender.state == "draining" or sender.channel != item.channel or not item.address:
        return None
    if item.channel == SMS:
        return None  # a first text may need our name and the opt-out words
    if sender.is_simulated != is_reserved(item.channel, item.address):
        return None
    if snoozed_until and snoozed_until > now:
        return None
    if item.channel == EMAIL and item.address != item.address.strip().lower():
        return None
    try:
        checks.check_content(channel=item.channel, subject=item.subject, body=item.body, body_html="")
    except OutreachError:
        return None
    opening = hours.of(item)
    if opening is None:
        return None
    is_approved = item.approved_by_id is not None or bool(item.approval_rule)
    approved_hash = content_hash(
        channel=item.channel, sender_id=sender.pk, address=item.address, subject=item.subject, body=item.body,
        body_html="",
    )  # fmt: skip
    return {
        "place": place,
        "conversation_id": conversation_id,
        "lead_id": item.lead.pk,
        "sender_id": sender.pk,
        "channel": item.channel,
        "address": item.address,
        "address_digest": digest,
        "subject": item.subject,
        "body": item.body,
        "language": item.language,
        "attributes": {**item.attributes, **checks.tracking_marks(item.channel, stream)},
        "interaction_id": item.interaction_id,
        "approved_hash": approved_hash if is_approved else "",
        "approved_by_id": item.approved_by_id,
        "approved_at": now.isoformat() if is_approved else None,
        "approval_rule": item.approval_rule,
        "rfc_message_id": new_message_id(item.channel, sender.address),
        "scheduled_at": opening[0].isoformat(),
        "timing": opening[1],
    }


def _insert(rows: Sequence[Mapping[str, Any]], stream: Stream, now: datetime) -> list[tuple[int, int]]:
    """Write the messages, each with the event that it was planned: (place, id)."""
    messages, of_messages = insert_of(
        Message,
        ["id", *COLUMNS],
        source="given",
        alike={
            "stream_id": stream.pk,
            "is_stopped_by_reply": stream.is_stopped_by_reply,
            "planned_at": now,
            "created_at": now,
            "updated_at": now,
        },
    )
    events, of_events = insert_of(
        MessageEvent,
        ["message_id", "data"],
        source="told",
        alike={"kind": "scheduled", "occurred_at": now, "recorded_at": now},
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH given AS MATERIALIZED ("
            " SELECT nextval((SELECT pg_get_serial_sequence('conversations_message', 'id'))::regclass) AS id, g.*"
            f" FROM json_to_recordset(%s::json) AS g(place integer, planned_for text, {record_columns(Message, COLUMNS)})"
            f"), made AS ({messages}),"
            " told AS (SELECT id AS message_id, jsonb_build_object('for', planned_for) AS data FROM given),"
            f" noted AS ({events})"
            " SELECT place, id FROM given",
            [
                as_records([{**row, "planned_for": row["scheduled_at"]} for row in rows]),
                *of_messages,
                *of_events,
            ],
        )
        return [(place, pk) for place, pk in cursor.fetchall()]
