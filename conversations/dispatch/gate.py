"""The gate: claimed → sending in one fenced UPDATE whose WHERE is every check. Nothing is sent without it.

A database trigger holds the same fence for whoever writes SQL by hand: a row enters `sending` only from `claimed`
and only with an approval of exactly what it holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from conversations.channels import registry
from conversations.consent import eligibility
from conversations.consent import hours as windows
from conversations.consent.models import ConsentEntry, Suppression
from conversations.dispatch import footers
from conversations.dispatch.checks import CHECKS, HUMAN_REPLY, RECENTLY_SENT, Check, Refusal
from conversations.models import MESSAGE, Message
from conversations.outbox import events, moment, quotas, states
from conversations.outbox.content import approval_hash
from conversations.outbox.copies import decode
from outreach.core import statements
from outreach.core.addresses import domain_chain, is_reserved
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _
from outreach.limits.calendars import ALWAYS

PREDECESSOR_WAIT = timedelta(minutes=30)
MAILBOX_WAIT = timedelta(minutes=5)
NO_OPENING_WAIT = timedelta(days=1)
LEAD_SPAN = timedelta(hours=24)


@dataclass(frozen=True)
class Verdict:
    """The checks' results for one message at `now`. `facts` are the numbers in the sentences."""

    now: datetime
    passed: dict[str, bool]
    facts: dict[str, Any]
    bounds: windows.Bounds

    @property
    def refused_by(self) -> Check | None:
        """The first check that refuses."""
        return next((check for check in CHECKS if not self.passed[check.name]), None)


def _filled(sql: str, now_sql: str, *, is_gate: bool) -> str:
    return sql.replace("{now}", now_sql).replace("{is_gate}", str(is_gate).lower())


def _parameters(message: Message, bounds: windows.Bounds) -> dict[str, Any]:
    policy_numbers = settings.OUTREACH.delivery
    stream, sender = message.stream, message.sender
    copies = decode(message.copies).all
    return {
        "id": message.pk,
        "token": message.claim_token,
        "address": message.address,
        "is_reserved": is_reserved(message.channel, message.address),
        "simulated": registry.simulated(),
        "domains": domain_chain(message.address),
        "copies": list(copies),
        "copy_digests": [address_digest(address) for address in copies],
        "overdue": timedelta(minutes=policy_numbers.overdue_minutes),
        "poll_age": timedelta(minutes=policy_numbers.mailbox_poll_max_age_minutes),
        "has_postal_address": footers.has_what_it_needs(message),
        "opens_at": bounds.opens_at,
        "closes_at": bounds.closes_at,
        "window": json.dumps(stream.window if stream else {}),
        "working_hours": json.dumps(sender.working_hours if sender else {}),
        "sender_zone": sender.time_zone if sender else "",
        "skips_holidays": bool(stream and stream.skips_holidays),
        "bases": list(policy_numbers.sms_consent_bases),
        "per_lead": policy_numbers.messages_per_lead_per_day,
    }


def pass_gate(message: Message) -> bool:
    """Move a claimed message to `sending`, committed when this returns. False when a check refused or the claim is lost.

    `message` is as the claim loaded it, with stream, sender and lead. What leaves is built from it, so the approval must
    also be of exactly what was loaded: a text that was edited and approved again since the claim goes out with the next one.
    """
    now = moment.now() if not windows.is_always_open(message) else None
    bounds = windows.bounds(message, now) if now else _ALWAYS
    parameters = _parameters(message, bounds)
    parameters["timing"] = json.dumps(bounds.as_json(now, "gate")) if now else None
    statements.require_autocommit()
    row = statements.fetch_one(_passing(moment.sql()), parameters | {"loaded_hash": approval_hash(message)})
    if row is None:
        return False
    message.state, message.sending_at, message.attempts = "sending", row[0], message.attempts + 1
    return True


@lru_cache(maxsize=4)
def _passing(now_sql: str) -> str:
    """The one UPDATE whose WHERE is every check."""
    conjunction = " AND ".join(f"({_filled(check.sql, now_sql, is_gate=True)})" for check in CHECKS)
    return f"""
        UPDATE conversations_message m
        SET state = 'sending', sending_at = {now_sql}, attempts = m.attempts + 1, refused_by = '', error = '',
            error_code = '', timing = %(timing)s::jsonb, updated_at = {now_sql}
        FROM outbox_stream s, senders_sender x
        WHERE m.id = %(id)s AND m.state IN {states.in_sql(MESSAGE.sources("sending"))} AND m.claim_token = %(token)s
          AND s.id = m.stream_id AND x.id = m.sender_id AND m.approved_hash = %(loaded_hash)s AND {conjunction}
        RETURNING m.sending_at
        """


_ALWAYS = windows.Bounds(datetime.fromisoformat("2000-01-01T00:00:00+00:00"), None, (), ALWAYS)


def examine(message: Message) -> Verdict:
    """Every check's verdict on `message`, from the same predicates as the gate's, and the facts behind them."""
    now = moment.now()
    bounds = windows.bounds(message, now)
    parameters = _parameters(message, bounds)
    now_sql = moment.sql()
    recent = _filled(RECENTLY_SENT, now_sql, is_gate=False)
    columns = ", ".join(f'({_filled(check.sql, now_sql, is_gate=False)}) AS "{check.name}"' for check in CHECKS)
    facts = statements.fetch_named(
        f"""
        SELECT {columns},
            s.name AS stream_name, x.name AS sender_name, x.state AS sender_state, x.state_reason AS sender_reason,
            x.adapter = ANY(%(simulated)s) AS is_simulated, x.last_polled_at, x.time_zone AS sender_zone,
            m.approved_hash, m.approval_rule, m.planned_at, m.scheduled_at, m.is_stopped_by_reply, m.follows_id,
            (SELECT p.state FROM conversations_message p WHERE p.id = m.follows_id) AS predecessor_state,
            (SELECT max(coalesce(r.received_at, now())) FROM ({HUMAN_REPLY}) r) AS replied_on,
            u.created_at AS suppressed_at, u.reason AS suppression_reason,
            m.channel, m.attributes->>'service' IS NOT NULL AS is_service,
            (m.author_id IS NOT NULL OR m.attributes->>'answers' IS NOT NULL) AS is_answer,
            (SELECT count(*) FROM ({recent}) o) AS recent_count,
            (SELECT max(t.sending_at) FROM (
                SELECT o.sending_at FROM ({recent}) o ORDER BY o.sending_at DESC LIMIT 1 OFFSET %(per_lead)s::int - 1
            ) t) AS recent_edge,
            consent.basis AS consent_basis, consent.created_at AS consent_at, consent.source AS consent_source,
            consent.expires_at AS consent_expires_at
        FROM conversations_message m
        LEFT JOIN outbox_stream s ON s.id = m.stream_id
        LEFT JOIN senders_sender x ON x.id = m.sender_id
        LEFT JOIN LATERAL (
            SELECT u.created_at, u.reason FROM consent_suppression u WHERE {eligibility.covers(eligibility.MESSAGE_ROW)}
            ORDER BY u.id LIMIT 1
        ) u ON true
        LEFT JOIN LATERAL (
            SELECT c.basis, c.created_at, c.source, c.expires_at FROM consent_consententry c
            WHERE c.lead_id = m.lead_id AND c.channel = m.channel ORDER BY c.id DESC LIMIT 1
        ) consent ON true
        WHERE m.id = %(id)s
        """,
        parameters,
    )
    passed = {check.name: bool(facts.pop(check.name)) for check in CHECKS}
    reason = facts["suppression_reason"]
    facts |= {
        "suppression_reason": Suppression.Reason(reason).label if reason else "",
        "predecessor_state": MESSAGE.states[facts["predecessor_state"]].label if facts["predecessor_state"] else "",
        "overdue_minutes": settings.OUTREACH.delivery.overdue_minutes,
        "poll_minutes": settings.OUTREACH.delivery.mailbox_poll_max_age_minutes,
        "now": now,
        "per_lead": settings.OUTREACH.delivery.messages_per_lead_per_day,
        "consent_bases": list(settings.OUTREACH.delivery.sms_consent_bases),
        "consent_label": str(ConsentEntry.Basis(facts["consent_basis"]).label) if facts["consent_basis"] else "",
        "closed": bounds.closed,
        "opens_at": bounds.opens_at,
        "window_text": str(bounds.window),
        "zones": ", ".join(bounds.zones) or _("the sender's time zone, since the recipient's is unknown"),
    }
    return Verdict(now, passed, facts, bounds)


def refuse(message: Message, verdict: Verdict, check: Check) -> bool:
    """Write down which check refused a claimed message, and give its place in the quota back. False: the claim is lost."""
    state, scheduled_at = _consequence(message, verdict, check)
    sentence = check.refused(verdict.facts)
    with transaction.atomic():
        changed = states.move(
            Message.objects.filter(pk=message.pk, claim_token=message.claim_token),
            state,
            sources=("claimed",),
            scheduled_at=scheduled_at,
            claim_token=None,
            refused_by=check.name,
            error=sentence,
            timing=verdict.bounds.as_json(verdict.now, "gate"),
            updated_at=verdict.now,
        )
        if not changed:
            return False
        quotas.give_back([message])
        if state in MESSAGE.refused:
            events.note(message, state, at=verdict.now, check=check.name, reason=sentence)
    message.state = state
    return True


def _consequence(message: Message, verdict: Verdict, check: Check) -> tuple[str, datetime | None]:
    if check.refusal is Refusal.CANCEL:
        return "cancelled", message.scheduled_at
    if check.refusal is Refusal.HOLD:
        return "skipped", message.scheduled_at
    if check.refusal is Refusal.RELEASE:
        return "scheduled", message.scheduled_at
    return "deferred", next_time(verdict, check)


def next_time(verdict: Verdict, check: Check) -> datetime:
    """When a message that `check` defers is next check."""
    if check.name == "window_open":
        return verdict.bounds.opens_at or verdict.now + NO_OPENING_WAIT
    if check.name == "lead_daily":
        edge: datetime | None = verdict.facts["recent_edge"]
        return edge + LEAD_SPAN if edge else verdict.now + PREDECESSOR_WAIT
    return verdict.now + (MAILBOX_WAIT if check.name == "mailbox_read" else PREDECESSOR_WAIT)


def release(message_id: int, token: UUID, *, came_from: tuple[str, ...] = MESSAGE.gone_to_gate) -> bool:
    """Put back a message that this worker claimed and certainly did not send."""
    with transaction.atomic():
        row = (
            Message.objects.select_for_update(of=("self",))
            .select_related("stream")
            .filter(pk=message_id, claim_token=token, state__in=came_from)
            .first()
        )
        if row is None:
            return False
        states.move(
            Message.objects.filter(pk=row.pk),
            "scheduled",
            claim_token=None,
            attempts=max(0, row.attempts - row.is_sending),
            updated_at=moment.now(),
        )
        quotas.give_back([row])
        return True
