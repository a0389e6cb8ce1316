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


def span(seconds: float) -> str:
    """A length of time in its largest unit: “15 minutes”, «15 минут»."""
    return format_timedelta(timedelta(seconds=seconds), locale=to_locale(get_language() or "en"))
