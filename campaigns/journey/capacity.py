"""Capacity for a forecast: what senders may still do, and when recipients may be contacted.

Read once for a forecast; what leaves when is worked out from it by `lanes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext_lazy as _

from campaigns.journey.lanes import Desk, Interval, Lane, Waiting, intersect
from conversations.consent.zones import recipient_zones
from conversations.models import Message
from conversations.outbox import quotas
from conversations.outbox.models import Stream
from conversations.senders import policy, workday
from conversations.senders.models import Sender
from leads.models import Channel, Lead
from outreach.limits import windows
from outreach.limits.calendars import Window, openings_on, parse_window
from outreach.limits.models import Allowance

HELD = {
    "gap": _("the gap between messages"),
    "hourly": _("the sender's hourly cap"),
    "daily": _("the sender's 24-hour cap"),
    "weekly": _("the sender's 7-day cap"),
    "hours": _("the sender's working hours"),
    "window": _("the recipient's hours"),
    "campaign_cap": _("the campaign's cap"),
    "sender": _("the sender is not active"),
    "campaign": _("the campaign is paused"),
    "later": _("earlier messages"),
    "review": _("review"),
    "snoozed": _("an out-of-office absence"),
    "task": _("a task for a person"),
}
"""What holds a message back, in words."""


class World:
    """Senders with what they may still do, and when recipients may be written to: loaded once for a forecast."""

    def __init__(self, now: datetime, until: datetime) -> None:
        self.now, self.until = now, until
        self.days = (until - now).days + 3
        self.senders: dict[int, Sender] = {}
        self.desks: dict[int, Desk] = {}
        self._hours: dict[tuple[Any, ...], list[Interval]] = {}

    def add(self, senders: Iterable[Sender]) -> None:
        new = [sender for sender in senders if sender.pk not in self.senders]
        keys = [quotas.sender_key(sender.pk) for sender in new]
        usages = dict(Allowance.objects.filter(key__in=keys).values_list("key", "usage"))
        for sender in new:
            usage = usages.get(quotas.sender_key(sender.pk), {})
            self.senders[sender.pk] = sender
            self.desks[sender.pk] = self._desk(sender, usage)

    def _desk(self, sender: Sender, usage: windows.Usage) -> Desk:
        limits = policy.limits(sender, usage, self.now)
        return Desk(
            sender.pk,
            self._working(sender, limits.daily or 0),
            hourly=limits.hourly,
            daily=limits.daily,
            weekly=limits.weekly,
            gap=max(limits.gap.total_seconds(), float(sender.gap_seconds)),
            past=_moments(usage, self.now),
            is_active=sender.is_active,
        )

    def _working(self, sender: Sender, daily: int) -> list[Interval]:
        window, zone = policy.hours(sender)
        if not sender.has_workday:
            return self.openings(window, zone)
        first = self.now.astimezone(zone).date() - timedelta(days=1)
        box = policy.mailbox(sender, daily)
        pairs = [p for n in range(self.days) for p in workday.openings(box, zone, first + timedelta(days=n))]
        return [(opens.timestamp(), closes.timestamp()) for opens, closes in pairs]

    def openings(self, window: Window, zone: tzinfo) -> list[Interval]:
        return _openings(window, zone, self.now.date(), self.days)

    def hours(self, campaign_window: Window, zones: Sequence[str], sender: Sender | None) -> list[Interval]:
        """When a recipient in one of `zones` may be contacted; the sender's zone is used for none or no overlap."""
        if campaign_window.is_always:
            return [(0.0, float("inf"))]
        fallback = sender.time_zone if sender else "UTC"
        key = (campaign_window, tuple(zones), fallback)
        if key not in self._hours:
            found: list[Interval] | None = None
            for zone in zones:
                own = self.openings(campaign_window, ZoneInfo(zone))
                found = own if found is None else intersect(found, own)
            self._hours[key] = found or self.openings(campaign_window, ZoneInfo(fallback))
        return self._hours[key]


@lru_cache(maxsize=512)
def _openings(window: Window, zone: tzinfo, first: date, days: int) -> list[Interval]:
    found: list[Interval] = []
    for number in range(-1, days):
        for opens, closes in openings_on(window, zone, first + timedelta(days=number)):
            start, end = opens.timestamp(), closes.timestamp()
            if found and found[-1][1] >= start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return found


def _moments(usage: windows.Usage, now: datetime) -> list[float]:
    """When the sender was used lately, as exactly as its slots say."""
    fine = {int(slot): count for slot, count in usage.get(windows.HOUR.key, {}).items()}
    edge = now.timestamp() - windows.HOUR.seconds
    found = [float(slot * windows.HOUR.slot_seconds) for slot, count in fine.items() for _n in range(count)]
    for slot, count in usage.get(windows.WEEK.key, {}).items():
        at = float(int(slot) * windows.WEEK.slot_seconds)
        if at + windows.WEEK.slot_seconds <= edge:
            found += [at] * min(int(count), 20_000)
    return [min(at, now.timestamp()) for at in found]


def waiting_of(message: Message, world: World, key: Any) -> Waiting:
    stream, sender = message.stream, message.sender
    assert stream is not None and sender is not None and message.scheduled_at is not None
    hours = world.hours(parse_window(stream.window), zones_of(message.lead, message.channel, message.address), sender)
    return Waiting(
        key, sender.pk, stream.pk, message.scheduled_at.timestamp(), hours, rank=message.priority + stream.priority
    )


def zones_of(lead: Lead | None, channel: str, address: str) -> tuple[str, ...]:
    """Where a recipient may be."""
    phone = address if channel == Channel.SMS else ""
    if lead is None:
        return recipient_zones(phone=phone)
    return _zones(lead.time_zone, phone, lead.country, lead.city)


@lru_cache(maxsize=20_000)
def _zones(time_zone: str, phone: str, country: str, city: str) -> tuple[str, ...]:
    return recipient_zones(time_zone=time_zone, phone=phone, country=country, city=city)


_OTHERS = """
SELECT m.id, extract(epoch FROM m.scheduled_at)::float8, m.sender_id, m.stream_id, m.priority + s.priority,
       CASE WHEN m.channel = 'sms' THEN m.address ELSE '' END, coalesce(l.time_zone, ''), coalesce(l.country, ''),
       coalesce(l.city, '')
FROM conversations_message m JOIN outbox_stream s ON s.id = m.stream_id LEFT JOIN leads_lead l ON l.id = m.lead_id
WHERE m.sender_id = ANY(%s) AND m.state IN ('scheduled', 'deferred') AND NOT (m.approved_hash = '')
  AND m.scheduled_at IS NOT NULL AND m.stream_id <> %s AND s.state = 'active'
ORDER BY m.scheduled_at LIMIT %s
"""


def others(world: World, *, besides: int, most: int) -> tuple[list[Lane], list[Waiting]]:
    """Include what streams other than `besides` have planned at the senders of `world`: the first `most`."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, [list(world.desks), besides, most])
        rows = cursor.fetchall()
    streams = Stream.objects.in_bulk({row[3] for row in rows}) if rows else {}
    planned = {pk: parse_window(stream.window) for pk, stream in streams.items()}
    hours: dict[Any, list[Interval]] = {}
    found = []
    for pk, ready, sender_id, stream_id, rank, *place in rows:
        key = (sender_id, stream_id, *place)
        if key not in hours:
            phone, time_zone, country, city = place
            zones = _zones(time_zone, phone, country, city)
            hours[key] = world.hours(planned[stream_id], zones, world.senders[sender_id])
        found.append(Waiting(("other", pk), sender_id, stream_id, ready, hours[key], rank, counts=False))
    return [Lane(stream.pk, stream.daily_cap) for stream in streams.values()], found
