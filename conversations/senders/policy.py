"""What a sender may do when: its caps and its working hours. The place where ramps and health will lower the caps."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from conversations.senders.models import Sender
from outreach.limits.calendars import Window, parse_window, parse_zone
from outreach.limits.windows import Limits


def limits(sender: Sender) -> Limits:
    """The caps of `sender` over rolling windows and its least gap."""
    return Limits(
        hourly=sender.hourly_cap,
        daily=sender.daily_cap,
        weekly=sender.weekly_cap,
        gap=timedelta(seconds=sender.gap_seconds),
    )


def hours(sender: Sender) -> tuple[Window, ZoneInfo]:
    """The working hours of `sender` and their zone. Raises `Invalid` for a row that was written past the services."""
    return parse_window(sender.working_hours, field="working_hours"), parse_zone(sender.time_zone)


def allowance_key(sender_id: int) -> str:
    return f"sender:{sender_id}"
