"""The moment that somebody typed, in words or figures: “tomorrow 9”, “in 2 weeks”, «завтра в 15:30». Pure."""

from __future__ import annotations

import re
from datetime import datetime, time

from django.utils.dateparse import parse_datetime

from conversations.replies import moments

MORNING = time(9)
"""The hour when none is given."""
_HOUR = re.compile(
    r"(?:\b(?:at|um|à|as|a las|в)\s+)?\b(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|uhr|h)?\s*$",
    re.IGNORECASE,
)


def typed_moment(text: str, *, now: datetime) -> datetime | None:
    """The moment in the zone of `now`; None when there is none in `text`. A day without an hour means its morning."""
    text = text.strip()
    try:
        given = parse_datetime(text)
    except ValueError:
        return None
    if given is not None:
        return given if given.tzinfo else given.replace(tzinfo=now.tzinfo)
    if match := _HOUR.search(text):
        at, before = _clock(match), text[: match.start()].strip()
        is_today = not before and bool(match[2] or match[3])
        day = now.date() if is_today else moments.day(before, today=now.date()) if before else None
        if at is not None and day is not None:
            return datetime.combine(day, at, tzinfo=now.tzinfo)
    day = moments.day(text, today=now.date())
    return datetime.combine(day, MORNING, tzinfo=now.tzinfo) if day else None


def _clock(match: re.Match[str]) -> time | None:
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half in {"am", "pm"} and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
