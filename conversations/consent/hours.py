"""When a message may leave: the stream's window and quiet hours in the recipient's time, the sender's hours in its own.
What a person writes by hand is not held back by the sender's hours.

Decided when the message is planned and again at the gate; the decision is kept on the message (`timing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from conversations.consent import confirmations
from conversations.consent.holidays import closed_days
from conversations.consent.quiet import QuietRule, rule_for
from conversations.consent.zones import recipient_zones
from conversations.models import TEST_RULE, Message
from outreach.core.addresses import SMS
from outreach.core.words import gettext as _
from outreach.limits.calendars import Window, parse_window, parse_zone
from outreach.limits.openings import NEVER_CLOSED, ClosedDay, Timetable, next_common

SEND_NOW = "send_now_until"
"""Attribute of a message that a person wants out now: until when its campaign's hours do not hold it back."""
OWN_HOURS = "hours"
"""Attribute of a message that has hours of its own within its stream's, as JSON that `parse_window` reads."""


@dataclass(frozen=True)
class Bounds:
    """`opens_at` is `now` when it is open; None when there is no opening in a fortnight. `closes_at` None: never."""

    opens_at: datetime | None
    closes_at: datetime | None
    zones: tuple[str, ...]
    """The recipient's possible zones; empty: unknown, so the sender's counts."""
    window: Window
    is_fallback: bool = False
    """The recipient's zones are never open together, so the sender's zone was taken for the stream's window."""
    quiet: QuietRule | None = None
    holidays: str = ""
    """The calendar of public holidays that counts (`DE-BY`); empty: none."""
    closed: tuple[str, ...] = field(default=())
    """One sentence for each timetable that is closed at the moment that was asked about."""

    def as_json(self, at: datetime, when: str) -> dict[str, Any]:
        """The decision as the message keeps it. `when`: planned, gate."""
        return {
            "at": at.isoformat(),
            "when": when,
            "zones": list(self.zones),
            "window": str(self.window),
            "quiet": str(self.quiet) if self.quiet else "",
            "quiet_hours": [str(window) for window in self.quiet.hours] if self.quiet else [],
            "holidays": self.holidays,
            "is_fallback": self.is_fallback,
            "opens_at": self.opens_at.isoformat() if self.opens_at else None,
            "closes_at": self.closes_at.isoformat() if self.closes_at else None,
        }


def is_always_open(message: Message) -> bool:
    """Whether nothing at all limits the hours of `message`, so that nothing needs to be worked out."""
    stream, sender = message.stream, message.sender
    return (
        not (stream and (stream.window or stream.skips_holidays))
        and not (sender and sender.working_hours and message.author_id is None)
        and message.channel != SMS
        and OWN_HOURS not in message.attributes
    )


def bounds(message: Message, now: datetime) -> Bounds:
    """The opening in which, or the next one at which, `message` may leave."""
    sender, stream = message.sender, message.stream
    if sender is None or stream is None:
        return Bounds(None, None, (), Window())
    if message.approval_rule == TEST_RULE:
        return Bounds(now, None, (), Window())
    working_hours, sender_zone = sending_hours(sender.working_hours, sender.time_zone)
    if message.author_id is not None:  # what a person writes by hand is held back by law only
        working_hours = Window()
    window, own = parse_window(stream.window), parse_window(message.attributes.get(OWN_HOURS), field=OWN_HOURS)
    if is_sent_now(message, now):
        window, own = Window(), Window()
    calendar, closed = _holidays(message) if stream.skips_holidays else ("", NEVER_CLOSED)
    quiet = quiet_rule(message, now)
    is_local = quiet is not None or closed is not NEVER_CLOSED or not window.is_always or not own.is_always
    zones = zones_of(message) if is_local else ()
    places: list[tuple[str, tzinfo]] = [(zone, ZoneInfo(zone)) for zone in zones] or [(sender.time_zone, sender_zone)]
    others = [Timetable(sender.name, (working_hours,), sender_zone)]
    if quiet is not None:
        others += [
            Timetable(_("quiet hours %(rule)s (%(zone)s)") % {"rule": quiet, "zone": name}, quiet.hours, zone)
            for name, zone in places
        ]
    tables = [table for name, zone in places for table in _of_stream((window, own), name, zone, closed)]
    opens_at, closes_at = next_common([*tables, *others], now)
    is_fallback = False
    if opens_at is None and len(places) > 1:
        tables, is_fallback = _of_stream((window, own), sender.time_zone, sender_zone, closed), True
        opens_at, closes_at = next_common([*tables, *others], now)
    reasons = () if opens_at == now else tuple(_sentence(t, now) for t in [*tables, *others] if not t.is_open(now))
    return Bounds(opens_at, closes_at, zones, window, is_fallback, quiet, calendar, reasons)


def is_sent_now(message: Message, now: datetime) -> bool:
    """Whether a person waived the stream's window for `message`. Quiet hours, holidays and its sender's hours still hold."""
    until = message.attributes.get(SEND_NOW)
    return bool(until) and now < datetime.fromisoformat(until)


def sending_hours(working_hours: Mapping[str, Any] | None, time_zone: str) -> tuple[Window, ZoneInfo]:
    """A sender's hours and their zone. Raises `Invalid` for a row that was written past the services."""
    return parse_window(working_hours, field="working_hours"), parse_zone(time_zone)


def _of_stream(windows: tuple[Window, Window], name: str, zone: tzinfo, closed: ClosedDay) -> list[Timetable]:
    """The stream's window, and the message's own."""
    window, own = windows
    tables = [Timetable(_("the stream (%(zone)s)") % {"zone": name}, (window,), zone, closed)]
    if not own.is_always:
        tables.append(Timetable(_("the message's own hours (%(zone)s)") % {"zone": name}, (own,), zone))
    return tables


def _sentence(table: Timetable, now: datetime) -> str:
    holiday = table.closed(now.astimezone(table.zone).date())
    if holiday:
        return _("%(name)s: public holiday, %(holiday)s") % {"name": table.name, "holiday": holiday}
    return f"{table.name}: {table.hours() or _('never')}"


def quiet_rule(message: Message, now: datetime) -> QuietRule | None:
    """The quiet hours that hold for `message`; None where none do: other channels, answers to a text of a moment ago."""
    numbers = settings.OUTREACH.delivery
    if message.channel != SMS or not numbers.quiet_hours.is_enforced:
        return None
    if confirmations.is_service(message.attributes):
        return None
    if not message.is_stopped_by_reply and _wrote_lately(message, now - timedelta(minutes=numbers.live_minutes)):
        return None
    lead = message.lead
    return rule_for(
        default=numbers.quiet_hours.default,
        rules=numbers.quiet_hours.rules,
        country=lead.country if lead else "",
        region=lead.region if lead else "",
        phone=message.address,
        phone_country=phone_country(message.address),
    )


def _wrote_lately(message: Message, since: datetime) -> bool:
    return Message.objects.filter(
        conversation_id=message.conversation_id, direction=Message.Direction.IN, channel=SMS, received_at__gte=since
    ).exists()


def _holidays(message: Message) -> tuple[str, ClosedDay]:
    lead = message.lead
    country = (lead.country if lead else "") or (phone_country(message.address) if message.channel == SMS else "")
    return closed_days(country, lead.region if lead and lead.country else "")


@lru_cache(maxsize=4096)
def phone_country(phone: str) -> str:
    """ISO 3166-1 alpha-2 of a number in E.164; empty when it belongs to none."""
    import phonenumbers

    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or ""
    except phonenumbers.NumberParseException:
        return ""


def zones_of(message: Message) -> tuple[str, ...]:
    """Where the recipient of `message` may be."""
    lead = message.lead
    phone = message.address if message.channel == SMS else ""
    if lead is None:
        return recipient_zones(phone=phone)
    return recipient_zones(
        time_zone=lead.time_zone, phone=phone, country=lead.country, city=lead.city, region=lead.region
    )
