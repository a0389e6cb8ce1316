"""The health of senders: figures of seven days by index, the guardrails' verdict, a pause with its sentence, the end of draining."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from conversations.models import MESSAGE, Message
from conversations.outbox import quotas
from conversations.senders import health, policy
from conversations.senders.health import Figures, Health
from conversations.senders.models import SENDER, Sender
from outreach.core import clock
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.limits import services as limits
from outreach.limits import throttles

ACTOR = Actor.system("guardrails")
FILTERED = "30007"

_FIGURES = """
SELECT m.sender_id,
    count(*) AS sent,
    count(*) FILTER (WHERE m.state = 'bounced'
        OR (m.channel = 'sms' AND m.state = 'failed' AND m.error_code IN ('30003', '30005', '30006'))) AS bounced,
    count(*) FILTER (WHERE EXISTS (
        SELECT 1 FROM conversations_messageevent e WHERE e.message_id = m.id AND e.kind = 'complained')) AS complained,
    count(*) FILTER (WHERE m.error_code = %(filtered)s) AS filtered,
    count(*) FILTER (WHERE EXISTS (
        SELECT 1 FROM conversations_messageevent e WHERE e.message_id = m.id AND e.kind = 'deferred')) AS deferred
FROM unnest(%(senders)s::bigint[], %(since)s::timestamptz[]) AS asked(sender_id, since)
JOIN conversations_message m ON m.sender_id = asked.sender_id AND m.sent_at >= asked.since
WHERE m.direction = 'out' AND m.sent_at IS NOT NULL
GROUP BY m.sender_id
"""


def figures(senders: list[Sender], now: datetime) -> dict[int, Figures]:
    """Sender id → counts over the last seven days (or since a person activated it again), by index."""
    since = {sender.pk: max(now - health.WINDOW, sender.health_since or now - health.WINDOW) for sender in senders}
    found = {sender.pk: Figures() for sender in senders}
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"senders": list(since), "since": list(since.values()), "filtered": FILTERED})
        for sender_id, *counts in cursor.fetchall():
            found[sender_id] = Figures(*counts)
    return found


def judge(*, senders: list[Sender]) -> dict[int, Health]:
    """Count, judge and write down the health of `senders`; pause those that reached a limit, with the sentence why."""
    now = clock.now()
    counts = figures(senders, now)
    verdicts: dict[int, Health] = {}
    for sender in senders:
        verdict = verdicts[sender.pk] = health.judge(sender.channel, counts[sender.pk])
        stored = health.to_json(verdict)
        before = {name: value for name, value in sender.health.items() if name != "judged_at"}
        if before != stored:
            Sender.objects.filter(pk=sender.pk).update(health=stored | {"judged_at": now.isoformat()})
            sender.health = stored | {"judged_at": now.isoformat()}
        if verdict.stops:
            pause_for_health(sender=sender, reason=verdict.sentence)
    return verdicts


def pause_for_health(*, sender: Sender, reason: str) -> bool:
    """Pause a sender whose figures reached a limit; False when it does not send (any more)."""
    row = Sender.objects.get(pk=sender.pk)
    if not row.is_sending:
        return False
    with transaction.atomic():
        SENDER.move(row, "paused", actor=ACTOR, reason=reason[:300], changes={"state_reason": reason[:1000]})
        publish("sender.paused", sender_id=row.pk, reason=reason[:300])
    sender.state, sender.state_reason = row.state, row.state_reason
    return True


def judge_sending() -> int:
    """Assess all active senders and stop drained ones; returns how many were assessed."""
    rows = list(Sender.objects.sending())
    judge(senders=rows)
    for sender in rows:
        if sender.is_draining:
            finish_draining(sender=sender)
    return len(rows)


def finish_draining(*, sender: Sender) -> bool:
    """Stop a draining sender once nothing is planned or being sent."""
    left = Message.objects.outgoing().filter(sender=sender, state__in=MESSAGE.upcoming)
    if left.exists():
        return False
    reason = _("Stopped: all planned messages have been sent.")
    SENDER.move(sender, "stopped", actor=ACTOR, reason=reason, changes={"state_reason": reason})
    return True


def slow_down(*, sender: Sender, provider: str, now: datetime) -> None:
    """A carrier asked to slow down for mail to `provider`: halve what `sender` writes there, in its locked row."""
    with transaction.atomic():
        row = limits.lock(quotas.sender_key(sender.pk))
        if row is None:
            return
        present = policy.group_throttles(sender, row.usage, now)
        present[provider] = throttles.slow_down(present.get(provider), policy.full_rate(sender, provider), now)
        row.usage = {
            **row.usage,
            "groups": {name: throttles.to_json(throttle) for name, throttle in present.items()},
        }
        row.save(update_fields=["usage", "updated_at"])
