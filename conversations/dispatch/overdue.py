"""Missed messages go to review together, never out in a burst.

Each tick of a lane writes down that it was there (`lane:email`). When nobody was for longer than the bound (an outage,
a restored snapshot of the database), what fell due before is held at once, set by set; the gate's check `not_overdue`
is the second fence for what this misses. A sender that was paused, a cap, a closed hour is no outage: the lane ran.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from conversations.models import Message
from conversations.outbox import events, moment, states
from conversations.outbox.models import STREAM
from leads.models import Channel
from outreach.core.words import gettext as _
from outreach.limits import services as limits
from outreach.limits.models import Allowance

CHECK = "not_overdue"
BATCH = 2_000


def lane_key(channel: str) -> str:
    return f"lane:{channel}"


def watch(channels: tuple[str, ...]) -> int:
    """Record that these lanes are running; returns how many missed messages were held."""
    keys = {lane_key(channel): channel for channel in channels}
    known = set(Allowance.objects.filter(key__in=keys).values_list("key", flat=True))
    limits.ensure([key for key in keys if key not in known])
    tolerance = timedelta(minutes=settings.OUTREACH.delivery.overdue_minutes)
    now = moment.now()
    restarted = limits.watch(list(keys), now=now, tolerance=tolerance)
    return sum(hold(keys[key]) for key in restarted)


def hold(channel: str) -> int:
    """Hold every approved message of `channel` due long before the watch started; returns how many."""
    tolerance = timedelta(minutes=settings.OUTREACH.delivery.overdue_minutes)
    reason = _(
        "It fell due during an outage, more than %(minutes)s minutes before sending resumed. Check "
        "whether it still makes sense, then release or cancel it."
    ) % {"minutes": int(tolerance.total_seconds() // 60)}
    return _hold_all(channel, moment.now() - tolerance, reason, Q(stream__state=STREAM.ACTIVE))


def hold_after_restore() -> int:
    """Hold every approved message that is due by now: what left since the backup is among them; returns how many."""
    reason = _(
        "It was due before the database was restored from a backup, so it may have left already. Look in the Sent "
        "folder, then release or cancel it."
    )
    return sum(_hold_all(channel, moment.now(), reason, Q()) for channel in Channel.values)


def _hold_all(channel: str, edge: datetime, reason: str, streams: Q) -> int:
    count = 0
    while batch := _hold_batch(channel, edge, reason, streams):
        count += batch
    return count


@transaction.atomic
def _hold_batch(channel: str, edge: datetime, reason: str, streams: Q) -> int:
    rows = list(
        Message.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .waiting()
        .filter(streams, channel=channel, scheduled_at__lt=edge)
        .exclude(approved_hash="")
        .only("pk", "conversation_id", "lead_id", "scheduled_at")
        .order_by("id")[:BATCH]
    )
    if not rows:
        return 0
    now = moment.now()
    ids = [row.pk for row in rows]
    states.move(Message.objects.filter(pk__in=ids), "skipped", refused_by=CHECK, error=reason, updated_at=now)
    events.note_all(rows, "skipped", at=now, data=lambda row: {"check": CHECK, "due": str(row.scheduled_at)})
    return len(rows)
