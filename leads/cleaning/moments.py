"""Dates as exports write them. Pure: no Django, no database, no clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from leads.cleaning.cells import one_line
from outreach.core.errors import Invalid

_ISO = re.compile(r"^\d{4}-\d\d?-\d\d?")
_POINTS = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4})(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d))?)?$")
_SLASHES = re.compile(
    r"^(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([AaPp]\.?[Mm]\.?)?)?$"
)
_WORDS = (
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%d-%b-%Y",
    "%d %b %Y %H:%M",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
)


@lru_cache(maxsize=20_000)
def moment(text: str) -> str:
    """A date, with or without time, as ISO 8601 in UTC; empty for an empty cell.

    Raises `Invalid`: `date_invalid`, and `date_ambiguous` for 3/4/2024, which may be March or April.
    """
    value = one_line(text)
    if not value:
        return ""
    found = _iso(value) or _points(value) or _slashes(value) or _words(value)
    if found is None or not 1900 <= found.year <= 2200:
        raise Invalid("changed_at", f"“{value[:40]}” is not a date.", code="date_invalid")
    return (found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)).isoformat()


def _iso(value: str) -> datetime | None:
    if not _ISO.match(value):
        return None
    try:
        return datetime.fromisoformat(value.removesuffix(" UTC"))
    except ValueError:
        return None


def _points(value: str) -> datetime | None:
    match = _POINTS.match(value)
    return _made(match[3], match[2], match[1], match[4], match[5], match[6]) if match else None


def _slashes(value: str) -> datetime | None:
    match = _SLASHES.match(value)
    if match is None:
        return None
    first, second = int(match[1]), int(match[2])
    if first <= 12 and second <= 12 and first != second:
        raise Invalid(
            "changed_at",
            f"“{value[:40]}” is ambiguous: the {first}th could be the day or the month.",
            code="date_ambiguous",
        )
    month, day = (second, first) if first > 12 else (first, second)
    hour = match[4]
    if hour and match[7]:
        hour = str(int(hour) % 12 + (12 if match[7][0] in "Pp" else 0))
    return _made(match[3], str(month), str(day), hour, match[5], match[6])


def _words(value: str) -> datetime | None:
    for form in _WORDS:
        try:
            return datetime.strptime(value, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _made(year: str, month: str, day: str, hour: str | None, minute: str | None, second: str | None) -> datetime | None:
    full = int(year) + (2000 if len(year) == 2 else 0)
    try:
        return datetime(full, int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
    except ValueError:
        return None
