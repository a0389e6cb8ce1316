"""Text messages leave by segments a second: a token bucket and a daily count for each sender.

Taken before the gate, never between the gate and the carrier. A carrier that says "too fast" lowers the bucket; it
recovers by itself, doubling each hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from conversations.channels.sms.pace import pace_of
from conversations.models import Message
from conversations.outbox import moment, quotas
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.core.sms_segments import segment_count
from outreach.limits import buckets, windows
from outreach.limits import services as limits
from outreach.limits.windows import Limits

BURST_SECONDS = 3.0
"""What an idle number may send at once, in seconds of its rate, but never less than one ordinary message."""
LEAST_BURST = 2.0
BATCH_SECONDS = 10
"""How much is claimed at once, so that a slow number holds few messages while it waits."""
RECOVERY = timedelta(hours=1)


def key(sender_id: int) -> str:
    return f"segments:{sender_id}"


def batch_size(sender: Sender, largest: int) -> int:
    """How many messages to claim for `sender` at once."""
    if sender.channel != Channel.SMS:
        return largest
    rate = pace_of(sender.address, sender.settings).per_second
    return max(1, min(largest, int(rate * BATCH_SECONDS)))


@transaction.atomic
def take(message: Message) -> timedelta:
    """Take the segments of `message`; if there are too few, take none and return how long to wait."""
    sender = message.sender
    if message.channel != Channel.SMS or sender is None:
        return timedelta()
    now = moment.now()
    row = limits.lock(key(sender.pk))
    if row is None:
        return timedelta(seconds=1)
    count = segment_count(message.body)
    pace = pace_of(sender.address, sender.settings)
    caps = Limits(daily=pace.per_day)
    room = windows.room(row.usage, caps, now)
    if room is not None and room < count:
        free_at = windows.all_free_at(row.usage, caps, now)
        return (free_at - now) if free_at and free_at > now else timedelta(hours=1)
    pace = pace.slowed(factor(row.usage, now))
    rate = buckets.Rate(pace.per_second, max(LEAST_BURST, pace.per_second * BURST_SECONDS))
    state = row.usage.get("bucket")
    bucket = buckets.Bucket(state["tokens"], datetime.fromisoformat(state["at"])) if state else None
    bucket, wait = buckets.take(bucket, rate, count, now)
    usage = dict(row.usage)
    if not wait and pace.per_day is not None:
        usage = windows.add(usage, count, now)
    row.usage = usage | {"bucket": {"tokens": bucket.tokens, "at": bucket.at.isoformat()}}
    row.save(update_fields=["usage", "updated_at"])
    return wait


def factor(usage: windows.Usage, now: datetime) -> float:
    """The remaining rate after the carrier said "too fast": it doubles each hour until it is restored."""
    slowed = usage.get("slowed")
    if not slowed:
        return 1.0
    hours = int(max(timedelta(), now - datetime.fromisoformat(slowed["at"])) / RECOVERY)
    return min(1.0, float(slowed["factor"]) * float(2**hours))


@transaction.atomic
def slow_down(sender_id: int) -> float:
    """Halve the rate of a sender; the factor that holds now."""
    row = limits.lock(key(sender_id))
    if row is None:
        return 1.0
    now = moment.now()
    halved = max(1 / 16, factor(row.usage, now) / 2)
    row.usage = {**row.usage, "slowed": {"factor": halved, "at": now.isoformat()}}
    row.save(update_fields=["usage", "updated_at"])
    return halved


def hold_sender(sender_id: int, wait: timedelta) -> None:
    """Claim nothing for this sender before its segments are there."""
    limits.hold_off(quotas.sender_key(sender_id), moment.now() + wait)
