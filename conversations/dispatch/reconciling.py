"""Heal what a dead worker left behind: by evidence, never by a timer alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from conversations.channels import registry
from conversations.channels.base import Adapter, Evidence, Finding
from conversations.dispatch import gate
from conversations.dispatch.outgoing import outgoing
from conversations.models import MESSAGE, Message
from conversations.outbox import events, moment, quotas, states
from conversations.senders import services as senders
from outreach.core.errors import OutreachError, Refused
from outreach.core.words import gettext as _

logger = structlog.get_logger(__name__)

BATCH = 200
LOOK_AGAIN = timedelta(minutes=10)
LOOK_FOR = timedelta(days=3)


def reconcile(*, adapter_for: Callable[[str], Adapter] = registry.adapter) -> int:
    """Reconcile messages in flight for longer than their lease; returns how many rows changed.

    `claimed` goes back to scheduled: nothing left, since the network is touched only in `sending`. `sending` and
    `unknown` are looked for at the carrier: found → sent, certainly not there → scheduled, else `unknown` with the reason.
    """
    lease = timedelta(seconds=settings.OUTREACH.delivery.lease_seconds)
    now = moment.now()
    in_flight = Message.objects.filter(direction=Message.Direction.OUT, claimed_at__lt=now - lease)
    count = 0
    for pk, token in in_flight.filter(state=MESSAGE.CLAIMED).values_list("pk", "claim_token")[:BATCH]:
        if token and gate.release(pk, token, came_from=("claimed",)):
            count += 1
    related = ("sender", "stream", "lead")
    expired = in_flight.filter(state=MESSAGE.SENDING, sending_at__lt=now - lease)
    doubtful = in_flight.filter(state=MESSAGE.UNKNOWN, updated_at__lt=now - LOOK_AGAIN, claimed_at__gt=now - LOOK_FOR)
    for rows in (expired, doubtful):
        for message in rows.select_related(*related).order_by("claimed_at")[:BATCH]:
            count += _look(message, adapter_for)
    return count


def look(message: Message, *, adapter_for: Callable[[str], Adapter] = registry.adapter) -> bool:
    """Look up one message with an unknown outcome now; returns whether that settled it. Raises `Refused` for any other."""
    if not message.is_unknown:
        raise Refused(
            _("Only messages with an unknown outcome can be looked up; this one is “%(state)s”.")
            % {"state": MESSAGE.states[message.state].label},
            code="transition_not_allowed",
        )
    return _look(message, adapter_for)


def _look(message: Message, adapter_for: Callable[[str], Adapter]) -> bool:
    evidence = _evidence(message, adapter_for)
    with transaction.atomic():
        events.lock_conversation(message.conversation_id)
        row = (
            Message.objects.select_for_update(of=("self",))
            .select_related("stream")
            .filter(pk=message.pk, state=message.state, claim_token=message.claim_token)
            .first()
        )
        if row is None:
            return False
        return _settle(row, evidence)


def _settle(row: Message, evidence: Evidence) -> bool:
    now = moment.now()
    if evidence.provider_id and _is_anothers(row, evidence.provider_id):
        evidence = Evidence(Finding.CANNOT_TELL, _("The carrier's matching record belongs to another message."))
    if evidence.finding is Finding.FOUND:
        if evidence.provider_id and not row.provider_id:
            Message.objects.filter(pk=row.pk).update(provider_id=evidence.provider_id)
        return events.record_event(
            message=row, kind="sent", occurred_at=row.sending_at or now, data={"found": evidence.detail}
        )
    if evidence.finding is Finding.NOT_FOUND:
        states.move(
            Message.objects.filter(pk=row.pk), "scheduled", claim_token=None, error="", error_code="", updated_at=now
        )
        quotas.give_back([row])
        events.note(row, "scheduled", at=now, not_found=evidence.detail, settles=row.state)
        return True
    was_sending = row.is_sending
    reason = (
        _("The worker died while sending it. %(detail)s") % {"detail": evidence.detail} if was_sending else row.error
    )
    found: dict[str, Any] = {"error_code": row.error_code or "worker_died", "error": reason, "updated_at": now}
    if was_sending:
        states.move(Message.objects.filter(pk=row.pk), "unknown", **found)
        events.note(row, "unknown", at=now, code="worker_died", reason=reason)
    else:
        Message.objects.filter(pk=row.pk).update(**found)
    return was_sending


def _is_anothers(row: Message, provider_id: str) -> bool:
    others = Message.objects.filter(direction=Message.Direction.OUT, provider_id=provider_id)
    return others.exclude(pk=row.pk).exists()


def _evidence(message: Message, adapter_for: Callable[[str], Adapter]) -> Evidence:
    if message.sender is None:
        return Evidence(Finding.CANNOT_TELL, _("Its sender no longer exists."))
    try:
        return adapter_for(message.sender.adapter).find(senders.account(message.sender), outgoing(message))
    except OutreachError as error:
        return Evidence(Finding.CANNOT_TELL, error.reason)
    except Exception as error:
        logger.exception("looking for a message failed", message=message.pk)
        return Evidence(Finding.CANNOT_TELL, f"{type(error).__name__}: {error}")
