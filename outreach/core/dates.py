"""Dates in the language of the reader, as the Unicode CLDR writes them: “30 Nov 2026”, «30 нояб. 2026»."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date, format_datetime, format_timedelta
from django.utils.translation import get_language, to_locale


def written(at: date, pattern: str) -> str:
    """A day, or a moment in its own zone, by a CLDR pattern such as `d MMM y, HH:mm`."""
    locale = to_locale(get_language() or "en")
    if isinstance(at, datetime):
        return format_datetime(at.replace(tzinfo=None), pattern, locale=locale)
    return format_date(at, pattern, locale=locale)


UNITS = (365 * 86400, 30 * 86400, 7 * 86400, 86400, 3600, 60)


def from_now(seconds: float) -> str:
    """“5 minutes ago”, «1 неделю назад», “in 2 hours”: the largest unit that has passed whole, of a minute or more."""
    unit = next((unit for unit in UNITS if abs(seconds) >= unit), 60)
    whole = timedelta(seconds=int(seconds / unit) * unit)
    return format_timedelta(whole, threshold=1, add_direction=True, locale=to_locale(get_language() or "en"))


def span(seconds: float) -> str:
    """A length of time in its largest unit: “15 minutes”, «15 минут»."""
    return format_timedelta(timedelta(seconds=seconds), locale=to_locale(get_language() or "en"))
