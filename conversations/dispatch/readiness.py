"""What a campaign lacks before it may start, and whether its hours ever open: asked by the launch gate of campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from django.conf import settings

from conversations.consent import links
from conversations.dispatch import footers
from conversations.senders import policy
from conversations.senders.models import Sender
from outreach.core.addresses import EMAIL, SMS
from outreach.core.words import gettext as _
from outreach.limits.calendars import Window, parse_window
from outreach.limits.openings import Timetable, next_common, parse_hours


@dataclass(frozen=True)
class Lack:
    """One problem. If it isn't blocking, it is a warning."""

    code: str
    sentence: str
    is_blocking: bool


def mail_lacks(sender: Sender) -> list[Lack]:
    """What campaign mail from `sender` lacks; nothing for other channels and for simulated recipients."""
    if sender.channel != EMAIL or sender.is_simulated:
        return []
    return [lack for lack in (_postal_address(sender), _one_click(sender)) if lack]


def _postal_address(sender: Sender) -> Lack | None:
    if footers.postal_address(sender):
        return None
    return Lack(
        "postal_address_missing",
        _(
            "“%(sender)s” has no postal address, which campaign mail needs. Set company.postal_address in "
            "outreach.toml or the sender's own."
        )
        % {"sender": sender.name},
        is_blocking=True,
    )


def _one_click(sender: Sender) -> Lack | None:
    if links.is_one_click_possible():
        return None
    return Lack(
        "one_click_missing",
        _(
            "Mail from “%(sender)s” has no one-click unsubscribe, which Gmail and Yahoo require from bulk "
            "senders. Set PUBLIC_BASE_URL to the product's public https address."
        )
        % {"sender": sender.name},
        is_blocking=False,
    )


def ever_open(*, window: Mapping[str, Any] | None, sender: Sender, now: datetime) -> bool:
    """Whether a stream's window, `sender`'s hours and, for text messages, quiet hours overlap for any recipient."""
    working_hours, sender_zone = policy.hours(sender)
    hours: list[tuple[Window, ...]] = [(parse_window(window),)]
    quiet = settings.OUTREACH.delivery.quiet_hours
    if sender.channel == SMS and quiet.is_enforced:
        hours.append(parse_hours(quiet.default))
    own = Timetable(sender.name, (working_hours,), sender_zone)
    zones: Iterable[tzinfo] = (sender_zone, *(timezone(timedelta(hours=offset)) for offset in range(-12, 15)))
    return any(next_common([own, *(Timetable("", table, zone) for table in hours)], now)[0] for zone in zones)
