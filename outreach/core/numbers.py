"""Numbers as the reader's language writes them: `5,088` and `8.4%` in English, `5 088` and `8,4 %` in Russian."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import pgettext


def count(value: float) -> str:
    """A whole number in groups of three digits."""
    return number_format(round(value), decimal_pos=0, force_grouping=True)


def decimal(value: float, places: int) -> str:
    """`value` with exactly so many decimal places."""
    return number_format(f"{value:.{places}f}", decimal_pos=places, force_grouping=True)


def percent(share: float, places: int | None = None) -> str:
    """A fraction of one as a percentage; without `places`, whole from 10 % on and with one place below."""
    value = 100 * share
    if places is None:
        places = 0 if value == 0 or abs(value) >= 10 else 1
    return pgettext("percentage", "%(number)s%%") % {"number": decimal(value, places)}
