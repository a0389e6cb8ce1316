"""Plan many first messages at once: the checks of `plan_message` for a whole batch in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from conversations.consent.digests import parent_domains
from conversations.consent.models import Suppression
from conversations.delivery import moment, planning
from conversations.delivery.content import content_hash
from conversations.delivery.models import Stream
from conversations.models import Conversation, Message, MessageEvent
from conversations.senders.models import Sender
from leads.models import Lead
from outreach.access.models import User
from outreach.core.addresses import EMAIL, SMS, is_reserved
from outreach.core.errors import OutreachError
from outreach.core.secrets import address_digest


@dataclass(frozen=True)
class Item:
    """One approved message to somebody, as `plan_message` takes it."""

    lead: Lead
    sender: Sender
    channel: str
    address: str
    subject: str
    body: str
    scheduled_at: datetime
    language: str = ""
    interaction_id: UUID | None = None
    approved_by: User | None = None
    approval_rule: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def plan_messages(*, stream: Stream, items: Sequence[Item]) -> list[Message | None]:
    """Plan `items` into `stream`, in their order. None stands where one needs a closer look: `plan_message` says why."""
    from conversations.delivery.services import wake

    now = moment.now()
    conversations = _conversations([item.lead.pk for item in items])
    suspects = _suppressed(items)
    messages = [
        None
        if stream.state == "closed"
        or item.sender.state == "draining"
        or index in suspects
        or item.lead.erased_at is not None
        else _message(item, stream, conversations[item.lead.pk], now)
        for index, item in enumerate(items)
    ]
    rows = [message for message in messages if message is not None]
    Message.objects.bulk_create(rows)
    MessageEvent.objects.bulk_create(
        MessageEvent(message=row, kind="scheduled", occurred_at=now, data={"for": _text(row.scheduled_at)})
        for row in rows
    )
    if stream.state == "active":
        for channel in {row.channel for row in rows if row.scheduled_at is not None and row.scheduled_at <= now}:
            wake(channel)
    return messages


def _text(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _conversations(lead_ids: Iterable[int]) -> dict[int, Conversation]:
    """Their conversations under row locks, made on first use."""
    ids = sorted(set(lead_ids))
    Conversation.objects.bulk_create([Conversation(lead_id=pk) for pk in ids], ignore_conflicts=True)
    rows = Conversation.objects.select_for_update().filter(lead__in=ids).order_by("pk")
    return {row.lead_id: row for row in rows if row.lead_id is not None}


def _suppressed(items: Sequence[Item]) -> set[int]:
    """Which of `items` something on the suppression list covers, or may cover."""
    digests = {address_digest(item.address) for item in items}
    addresses = {item.address for item in items}
    domains = {domain for item in items for domain in parent_domains(item.address)}
    rows = list(
        Suppression.objects.filter(lifted_at=None).filter(
            Q(lead__in={item.lead.pk for item in items})
            | Q(address_digest__in=digests)
            | Q(address__in=addresses)
            | Q(domain__in=domains)
        )
    )
    if not rows:
        return set()
    leads = {row.lead_id for row in rows if row.lead_id}
    held = {row.address_digest for row in rows if row.address_digest} | {row.address for row in rows if row.address}
    blocked = {row.domain for row in rows if row.domain}
    return {
        index
        for index, item in enumerate(items)
        if item.lead.pk in leads
        or {item.address, address_digest(item.address)} & held
        or blocked.intersection(parent_domains(item.address))
    }


def _message(item: Item, stream: Stream, conversation: Conversation, now: datetime) -> Message | None:
    if item.sender.channel != item.channel or not item.address:
        return None
    if (item.sender.adapter == "sandbox") != is_reserved(item.channel, item.address):
        return None
    if conversation.snoozed_until and conversation.snoozed_until > now:
        return None
    if item.channel == EMAIL and item.address != item.address.strip().lower():
        return None
    try:
        planning.check_content(channel=item.channel, subject=item.subject, body=item.body, body_html="")
    except OutreachError:
        return None
    if item.channel == SMS:
        return None  # a first text may need our name and the opt-out words
    is_approved = item.approved_by is not None or bool(item.approval_rule)
    message = Message(
        conversation=conversation,
        lead=item.lead,
        stream=stream,
        sender=item.sender,
        channel=item.channel,
        address=item.address,
        address_digest=address_digest(item.address),
        subject=item.subject,
        body=item.body,
        language=item.language,
        attributes={**item.attributes, **planning.tracking_marks(item.channel, stream)},
        interaction_id=item.interaction_id,
        approved_hash=content_hash(
            channel=item.channel,
            sender_id=item.sender.pk,
            address=item.address,
            subject=item.subject,
            body=item.body,
            body_html="",
        )
        if is_approved
        else "",
        approved_by=item.approved_by,
        approved_at=now if is_approved else None,
        approval_rule=item.approval_rule,
        rfc_message_id=planning.new_message_id(item.channel, item.sender.address),
        is_stopped_by_reply=stream.is_stopped_by_reply,
        scheduled_at=item.scheduled_at,
        planned_at=now,
    )
    try:
        planning.set_time(message, now)
    except OutreachError:
        return None
    return message
