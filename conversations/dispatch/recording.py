"""Records the outcome of a send. Every outcome is fenced by the claim's token: a worker that lost its claim writes nothing."""

from __future__ import annotations

import json
import re
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from conversations.channels.base import Accepted, Fault, NotSent
from conversations.consent.models import Suppression
from conversations.consent.services import Target, suppress
from conversations.dispatch import throttle
from conversations.models import MESSAGE, Message
from conversations.outbox import events, moment, quotas, states
from conversations.senders import guarding
from conversations.senders import services as senders
from conversations.senders.deliverability.selectors import provider_of_address
from leads.models import Channel, Identity
from leads.services import set_address_status
from outreach.core import statements
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import joined
from outreach.events.services import as_published, subscriptions
from outreach.limits import services as limits

ACTOR = Actor.system("delivery")
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1), timedelta(hours=4))
"""Waits before the second, third … attempt; the last one repeats."""
SLOW_DOWN_CODES = frozenset(
    {
        "421",
        "429",
        "454",
        "no_connection",
        "20429",
        "20503",
        "21611",
        "30001",
        "30022",
        "30023",
        "account_busy",
        "network_limit",
        "paced",
    }
)
"""Refusals that are about the pace of the sender, not about the message: the sender waits, the attempt does not count."""
SLOW_DOWN = timedelta(minutes=2)
_ABOUT_PACE = re.compile(r"4(?:21|5\d)|4\.[03-9]\.\d{1,3}")

_ACCEPTED = """
WITH locked AS (
    SELECT id FROM conversations_conversation WHERE id = %(conversation)s FOR NO KEY UPDATE
), moved AS (
    UPDATE conversations_message m
    SET state = CASE WHEN m.state IN {handed_over} THEN 'sent' ELSE m.state END,
        sent_at = coalesce(m.sent_at, {now}), error = '', error_code = '', updated_at = {now},
        provider_id = CASE WHEN m.provider_id = '' THEN %(provider_id)s::text ELSE m.provider_id END,
        rfc_message_id = coalesce(nullif(%(rfc_message_id)s::text, ''), m.rfc_message_id)
    FROM (SELECT id, sent_at FROM conversations_message
          WHERE id = %(id)s AND EXISTS (SELECT 1 FROM locked) FOR UPDATE) old
    WHERE m.id = old.id AND m.claim_token = %(token)s
      AND m.state IN {fenced}
    RETURNING m.id, m.conversation_id, m.lead_id, old.sent_at IS NULL AS is_first
), event AS (
    INSERT INTO conversations_messageevent (message_id, kind, occurred_at, recorded_at, data)
    SELECT id, 'sent', {now}, {now}, jsonb_build_object('detail', %(detail)s::text) FROM moved WHERE is_first
), conversation AS (
    UPDATE conversations_conversation c SET last_outbound_at = greatest(c.last_outbound_at, {now})
    FROM moved WHERE c.id = moved.conversation_id
), lead AS (
    UPDATE leads_lead l SET last_contacted_at = greatest(l.last_contacted_at, {now})
    FROM moved WHERE l.id = moved.lead_id RETURNING l.id
), changed AS (
    INSERT INTO leads_leadchange (lead_id) SELECT id FROM lead
)
SELECT CASE WHEN is_first THEN events_publish('message.sent', %(payload)s::jsonb, {now}, %(subscribers)s::text[]) END
FROM moved
"""
_HANDED_OVER = states.in_sql(MESSAGE.at_carrier)
_FENCED = states.in_sql((*MESSAGE.at_carrier, *MESSAGE.left))


def accepted(message: Message, answer: Accepted) -> bool:
    """The carrier took it. False when the claim was lost in the meantime; the outcome is then settled by evidence."""
    payload = {"message_id": message.pk, "conversation_id": message.conversation_id, "lead_id": message.lead_id}
    row = statements.fetch_one(
        _ACCEPTED.format(now=moment.sql(), handed_over=_HANDED_OVER, fenced=_FENCED),
        {
            "id": message.pk,
            "conversation": message.conversation_id,
            "token": message.claim_token,
            "provider_id": answer.provider_id,
            "rfc_message_id": answer.rfc_message_id,
            "detail": answer.detail[:500],
            "payload": json.dumps(payload),
            "subscribers": subscriptions().get("message.sent", []),
        },
    )
    if row and row[0]:
        as_published(row[0])
    return row is not None


def not_sent(message: Message, fault: NotSent) -> bool:
    """Certainly not sent: later, never, or not from this sender, as the fault says."""
    with transaction.atomic():
        row = _mine(message)
        if row is None:
            return False
        if fault.fault is Fault.ADDRESS:
            _bounced(row, fault)
        elif fault.fault is Fault.OPTED_OUT:
            _opted_out(row, fault)
        elif fault.fault is Fault.SENDER:
            _sender_at_fault(row, fault)
        elif fault.fault is Fault.MESSAGE:
            _failed(row, fault.code, fault.reason)
        else:
            _passing(row, fault)
    return True


def unknown(message: Message, code: str, reason: str) -> bool:
    """The answer never came. `reconcile` looks for evidence; it is never resent on a timer."""
    with transaction.atomic():
        row = _mine(message)
        if row is None:
            return False
        now = moment.now()
        _move(row, "unknown", error_code=code, error=reason)
        events.note(row, "unknown", at=now, code=code, reason=reason)
    return True


def _mine(message: Message) -> Message | None:
    events.lock_conversation(message.conversation_id)
    return (
        Message.objects.select_for_update(of=("self",))
        .select_related("stream", "sender", "lead")
        .filter(pk=message.pk, claim_token=message.claim_token, state=MESSAGE.SENDING)
        .first()
    )


def _move(row: Message, to: str, **changes: object) -> None:
    states.move(Message.objects.filter(pk=row.pk), to, sources=("sending",), updated_at=moment.now(), **changes)


def _bounced(row: Message, fault: NotSent) -> None:
    events.record_event(
        message=row,
        kind="bounced",
        occurred_at=moment.now(),
        data={"code": fault.code, "reason": fault.reason, "at_handover": True},
    )
    quotas.give_back([row])
    addresses = Identity.objects.filter(channel=row.channel, address=row.address)
    set_address_status(addresses, status=Identity.Status.INVALID, reason=fault.reason[:300])
    suppress(
        Target.address_of(row),
        reason=Suppression.Reason.BOUNCE,
        actor=ACTOR,
        evidence=joined(" ", (fault.code, fault.reason))[:500],
        message=row,
    )


def _opted_out(row: Message, fault: NotSent) -> None:
    _failed(row, fault.code, fault.reason)
    suppress(
        Target.person_of(row),
        reason=Suppression.Reason.OPT_OUT,
        actor=Actor.system("provider"),
        evidence=joined(" ", (fault.code, fault.reason))[:500],
        message=row,
        is_by_keyword=row.channel == Channel.SMS,
    )


def _sender_at_fault(row: Message, fault: NotSent) -> None:
    _move(row, "scheduled", claim_token=None, attempts=max(0, row.attempts - 1), error=fault.reason)
    quotas.give_back([row])
    if row.sender is not None:
        senders.pause_for_fault(sender=row.sender, reason=joined(" ", (fault.reason, f"({fault.code})")))


def _passing(row: Message, fault: NotSent) -> None:
    now = moment.now()
    if row.channel == Channel.EMAIL and row.sender is not None and is_about_pace(fault.code):
        guarding.slow_down(sender=row.sender, provider=provider_of_address(row.address), now=now)
    if fault.code in SLOW_DOWN_CODES:
        until = now + max(fault.retry_after or timedelta(), SLOW_DOWN)
        limits.hold_off(quotas.sender_key(row.sender_id or 0), until)
        if row.channel == Channel.SMS and row.sender_id:
            throttle.slow_down(row.sender_id)
        _defer(row, fault, until, attempts=max(0, row.attempts - 1))
        return
    bound = settings.OUTREACH.delivery.max_attempts
    if row.attempts >= bound:
        _failed(
            row,
            fault.code,
            _("Tried %(count)s times; the last answer was: %(reason)s. Check the address, then retry.")
            % {"count": row.attempts, "reason": fault.reason},
        )
        return
    wait = BACK_OFF[min(row.attempts - 1, len(BACK_OFF) - 1)]
    _defer(row, fault, now + max(fault.retry_after or timedelta(), wait), attempts=row.attempts)


def is_about_pace(code: str) -> bool:
    """Whether an SMTP answer is about our rate: 421, 45x or 4.x.x, not a full or unknown mailbox."""
    return bool(_ABOUT_PACE.fullmatch(code))


def _defer(row: Message, fault: NotSent, until: object, *, attempts: int) -> None:
    _move(
        row,
        "deferred",
        claim_token=None,
        scheduled_at=until,
        attempts=attempts,
        error_code=fault.code,
        error=fault.reason,
    )
    quotas.give_back([row])
    events.note(row, "deferred", at=moment.now(), code=fault.code, reason=fault.reason, until=str(until))


def _failed(row: Message, code: str, reason: str) -> None:
    _move(row, "failed", claim_token=None, error_code=code, error=reason)
    quotas.give_back([row])
    events.note(row, "failed", at=moment.now(), code=code, reason=reason)
