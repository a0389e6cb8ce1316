"""How many new leads a campaign may begin with now: what its senders' day has left after the follow-ups."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.journey.models import Turn
from campaigns.models import Campaign
from campaigns.steps.senders import pool_of
from conversations.models import MESSAGE, Message
from conversations.outbox import quotas
from conversations.senders import policy
from outreach.core import clock
from outreach.limits import windows
from outreach.limits.models import Allowance

FEWEST, MOST = 10, 1_000


def room(campaign: Campaign) -> int:
    """How many new leads may be started now: what each sender has left today after its follow-ups, up to the limit."""
    first = campaign.steps.select_related("sender").order_by("number").first()
    if first is None:
        return 0
    if first.is_task:
        return max(0, (campaign.daily_limit or FEWEST) - _begun_today(campaign, None))
    now, total = clock.now(), 0
    for sender in pool_of(first):
        if not sender.is_active:
            continue
        usage = Allowance.objects.filter(key=quotas.sender_key(sender.pk)).values_list("usage", flat=True).first() or {}
        limits = policy.limits(sender, usage, now)
        left = windows.room(usage, limits, now) if limits.hourly is None else _day_room(usage, limits, now)
        planned = Message.objects.filter(
            sender=sender, state__in=MESSAGE.before_gate, scheduled_at__lt=now + timedelta(days=1)
        ).count()
        free = max(0, (left if left is not None else MOST) - planned)
        if campaign.daily_limit is not None:
            free = min(free, max(0, campaign.daily_limit - _begun_today(campaign, sender.pk)))
        total += free
    if campaign.stream.daily_cap is not None:
        total = min(total, max(0, campaign.stream.daily_cap - _begun_today(campaign, None)))
    return min(total, MOST)


def _day_room(usage: windows.Usage, limits: windows.Limits, now: datetime) -> int | None:
    """What the caps of the day and the week leave; the hour's only spreads it."""
    return windows.room(usage, windows.Limits(daily=limits.daily, weekly=limits.weekly), now)


def _begun_today(campaign: Campaign, sender_id: int | None) -> int:
    """New leads that the campaign began with since its midnight."""
    zone = ZoneInfo(campaign.time_zone)
    midnight = datetime.combine(clock.now().astimezone(zone).date(), time(), zone)
    rows = Message.objects.filter(stream=campaign.stream_id, priority=0, created_at__gte=midnight).exclude(
        state=MESSAGE.CANCELLED
    )
    if sender_id is not None:
        return rows.filter(sender=sender_id).count()
    tasks = Turn.objects.filter(candidate__campaign=campaign, step__number=1, created_at__gte=midnight)
    return rows.count() + tasks.count()
