"""Dates in the language of the reader, as the Unicode CLDR writes them: “30 Nov 2026”, «30 нояб. 2026»."""

from __future__ import annotations

from datetime import datetime, timedelta

from babel.dates import format_datetime, format_timedelta
from django.utils.translation import get_language, to_locale


def written(at: datetime, pattern: str) -> str:
    """`at`, in its own zone, by a CLDR pattern such as `d MMM y, HH:mm`."""
    return format_datetime(at.replace(tzinfo=None), pattern, locale=to_locale(get_language() or "en"))


def span(seconds: float) -> str:
    """A length of time in its largest unit: “15 minutes”, «15 минут»."""
    return format_timedelta(timedelta(seconds=seconds), locale=to_locale(get_language() or "en"))
