"""When a message may leave: the stream's window in the recipient's time and the sender's working hours in its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from conversations.delivery.zones import recipient_zones
from conversations.models import Message
from conversations.senders import policy
from conversations.senders.models import TEST_RULE
from outreach.core.addresses import SMS
from outreach.limits.calendars import Window, next_close_of_any, next_open_in_all, parse_window


@dataclass(frozen=True)
class Bounds:
    """`opens_at` is `now` when it is open; None when there is no opening in a fortnight. `closes_at` None: never."""

    opens_at: datetime | None
    closes_at: datetime | None
    zones: tuple[str, ...]
    """The recipient's possible zones; empty: unknown, so the sender's counts."""
    window: Window
    is_fallback: bool = False
    """The recipient's zones are never open together, so the sender's zone was taken."""


def bounds(message: Message, now: datetime) -> Bounds:
    """The opening in which, or the next one at which, `message` may leave."""
    if message.sender is None or message.stream is None:
        return Bounds(None, None, (), Window())
    if message.approval_rule == TEST_RULE:
        return Bounds(now, None, (), Window())
    working_hours, sender_zone = policy.hours(message.sender)
    window = parse_window(message.stream.window)
    zones = () if window.is_always else zones_of(message)
    places: list[tuple[Window, tzinfo]] = [(window, ZoneInfo(zone)) for zone in zones] or [(window, sender_zone)]
    places.append((working_hours, sender_zone))
    opens_at, is_fallback = next_open_in_all(places, now), False
    if opens_at is None and len(zones) > 1:
        places, is_fallback = [(window, sender_zone), (working_hours, sender_zone)], True
        opens_at = next_open_in_all(places, now)
    closes_at = next_close_of_any(places, opens_at) if opens_at else None
    return Bounds(opens_at, closes_at, zones, window, is_fallback)


def zones_of(message: Message) -> tuple[str, ...]:
    """Where the recipient of `message` may be."""
    lead = message.lead
    phone = message.address if message.channel == SMS else ""
    if lead is None:
        return recipient_zones(phone=phone)
    return recipient_zones(time_zone=lead.time_zone, phone=phone, country=lead.country, city=lead.city)
