"""When a step is due. Pure: given times, it asks no clock and no database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from outreach.limits.calendars import MONDAY_TO_FRIDAY, working_days_after


def first_due(*, start_at: datetime | None, now: datetime) -> datetime:
    """The first step is due at once, or when the campaign may start."""
    return max(start_at, now) if start_at else now


def follow_up_due(*, sent_at: datetime, working_days: int, days: Iterable[int], zone: tzinfo) -> datetime:
    """`working_days` after `sent_at`, counted in the recipient's `zone` over the weekdays in `days`, at the same hour.

    With zero days it is due at once. `days` empty means Monday to Friday. The window itself is held by delivery.
    """
    if working_days == 0:
        return sent_at
    return working_days_after(sent_at, working_days, zone=zone, working_days=frozenset(days) or MONDAY_TO_FRIDAY)
