"""Put messages into the outbox: one path for one message and for hundreds, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from conversations.consent.eligibility import suppressed_places
from conversations.models import Conversation, Message, MessageEvent
from conversations.outbox import moment, threads
from conversations.outbox.content import content_hash
from conversations.outbox.lanes import wake
from conversations.planning import checks
from conversations.planning.opening import Hours
from conversations.planning.plans import MessagePlan
from outreach.core.errors import OutreachError
from outreach.core.inserting import as_records, insert_of, record_columns
from outreach.core.secrets import address_digest


@transaction.atomic
def plan_message(plan: MessagePlan) -> Message:
    """Put one message into the outbox.

    Raises `Invalid` for bad content or a bad address, `Refused` for a suppressed, erased or (sandbox) wrong recipient,
    for a draining sender and for a closed stream.
    """
    (outcome,) = plan_messages([plan])
    if isinstance(outcome, OutreachError):
        raise outcome
    message = Message.objects.select_related("sender").get(pk=outcome)
    message.stream = plan.stream
    if plan.conversation is not None:
        message.conversation, message.lead = plan.conversation, plan.conversation.lead
    return message


@transaction.atomic(savepoint=False)
def plan_messages(plans: Sequence[MessagePlan]) -> list[int | OutreachError]:
    """Put messages into the outbox, in their order: the id of each, or why it may not be planned.

    Approved by a person or a rule, a row carries the hash of exactly its content. Its time is the first opening of its
    hours, not before the conversation's snooze ends when it was given by its lead. The conversations of leads are
    opened on first use and stay locked.
    """
    now = moment.now()
    talks = _conversations({plan.lead.pk for plan in plans if plan.conversation is None and plan.lead is not None}, now)
    outcomes: list[int | OutreachError | None] = [None] * len(plans)
    ready: dict[int, MessagePlan] = {}
    for place, plan in enumerate(plans):
        try:
            ready[place] = checks.addressed(_in_conversation(plan, talks))
        except OutreachError as error:
            outcomes[place] = error
    suspects = _suppressed(ready)
    hours = Hours(now)
    rows: list[dict[str, Any]] = []
    for place, plan in ready.items():
        try:
            rows.append({"place": place, **_row(plan, hours, is_suspect=place in suspects)})
        except OutreachError as error:
            outcomes[place] = error
    for place, pk in _insert(rows, now):
        outcomes[place] = pk
    _wake([plans[row["place"]] for row in rows if datetime.fromisoformat(row["scheduled_at"]) <= now])
    return [outcome for outcome in outcomes if outcome is not None]


def _in_conversation(plan: MessagePlan, talks: Mapping[int, tuple[int, datetime | None]]) -> MessagePlan:
    """The plan with its conversation, for one that names its lead only."""
    if plan.conversation is not None or plan.lead is None:
        return plan
    pk, snoozed_until = talks[plan.lead.pk]
    due = max(plan.scheduled_at, snoozed_until) if snoozed_until else plan.scheduled_at
    return replace(plan, conversation=Conversation(pk=pk, lead=plan.lead), scheduled_at=due)


def _suppressed(plans: Mapping[int, MessagePlan]) -> set[int]:
    """The places of the plans whose recipients something covers."""
    return suppressed_places(
        [
            (
                place,
                plan.channel,
                plan.recipient.pk if plan.recipient else 0,
                plan.address,
                address_digest(plan.address),
            )
            for place, plan in plans.items()
        ]
    )


def _conversations(lead_ids: Iterable[int], now: datetime) -> dict[int, tuple[int, datetime | None]]:
    """Their conversations under row locks, made on first use: (id, until when they are put off)."""
    ids = sorted(lead_ids)
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
    rows = Conversation.objects.select_for_update().filter(lead__in=lead_ids).order_by("pk")
    return {lead: (pk, until) for lead, pk, until in rows.values_list("lead_id", "pk", "snoozed_until") if lead}


COLUMNS = (
    "conversation_id", "lead_id", "stream_id", "sender_id", "channel", "address", "address_digest", "subject", "body",
    "body_html", "enclosures", "copies", "language", "attributes", "author_id", "interaction_id", "approved_hash",
    "approved_by_id", "approved_at", "approval_rule", "follows_id", "rfc_message_id", "in_reply_to", "priority",
    "is_stopped_by_reply", "scheduled_at", "timing",
)  # fmt: skip
"""What differs from message to message."""


def _row(plan: MessagePlan, hours: Hours, *, is_suspect: bool) -> dict[str, Any]:
    """The columns of one message. Raises `Invalid` or `Refused` for what may not be planned."""
    checks.check_recipient(plan, is_suspect=is_suspect)
    wanted_at, plan = plan.scheduled_at, checks.completed(plan)
    opens_at, timing = hours.of(plan)
    sender, stream, conversation = plan.sender, plan.stream, plan.conversation
    assert conversation is not None
    content: dict[str, Any] = {
        "channel": plan.channel,
        "sender_id": sender.pk,
        "address": plan.address,
        "subject": plan.subject,
        "body": plan.body,
        "body_html": plan.body_html,
        "enclosures": checks.checked_enclosures(plan.channel, plan.files, sender),
        "copies": checks.checked_copies(plan),
    }
    return content | {
        "planned_for": wanted_at.isoformat(),
        "conversation_id": conversation.pk,
        "lead_id": conversation.lead_id,
        "stream_id": stream.pk,
        "address_digest": address_digest(plan.address),
        "language": plan.language,
        "attributes": {**plan.attributes, **checks.tracking_marks(plan.channel, stream)},
        "author_id": plan.author_id,
        "interaction_id": plan.interaction_id,
        "approved_hash": content_hash(**content) if plan.is_approved else "",
        "approved_by_id": plan.approved_by_id,
        "approved_at": hours.now.isoformat() if plan.is_approved else None,
        "approval_rule": plan.approval_rule,
        "follows_id": plan.follows.pk if plan.follows else None,
        "rfc_message_id": threads.new_message_id(plan.channel, sender.address),
        "in_reply_to": plan.in_reply_to,
        "priority": plan.priority,
        "is_stopped_by_reply": stream.is_stopped_by_reply
        if plan.is_stopped_by_reply is None
        else plan.is_stopped_by_reply,
        "scheduled_at": opens_at.isoformat(),
        "timing": timing,
    }


def _insert(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[tuple[int, int]]:
    """Write the messages, each with the event that it was planned: (place, id)."""
    if not rows:
        return []
    messages, of_messages = insert_of(
        Message, ["id", *COLUMNS], source="given", alike={"planned_at": now, "created_at": now, "updated_at": now}
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
            [as_records(rows), *of_messages, *of_events],
        )
        return [(place, pk) for place, pk in cursor.fetchall()]


def _wake(due: Iterable[MessagePlan]) -> None:
    """Have the lanes look at once for what is approved and may leave now."""
    for channel in sorted({plan.channel for plan in due if plan.is_approved and plan.stream.is_active}):
        wake(channel)
