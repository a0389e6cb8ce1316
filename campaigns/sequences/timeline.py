"""When a step is due. Pure: given times, it asks no clock and no database."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WORKDAYS = (0, 1, 2, 3, 4)


def first_due(*, start_at: datetime | None, now: datetime) -> datetime:
    """The first step is due at once, or when the campaign may start."""
    return max(start_at, now) if start_at else now


def follow_up_due(*, sent_at: datetime, working_days: int, days: tuple[int, ...], zone: ZoneInfo) -> datetime:
    """`working_days` after `sent_at`, counted in the recipient's `zone` over the weekdays in `days`, at the same hour.

    With zero days it is due at once. `days` empty means Monday to Friday. The window itself is held by delivery.
    """
    due = sent_at.astimezone(zone)
    left = working_days
    while left > 0:
        due += timedelta(days=1)
        if due.weekday() in (days or WORKDAYS):
            left -= 1
    return due.astimezone(sent_at.tzinfo)
