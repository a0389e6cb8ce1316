"""Countries, languages and industries as the viewer reads them; `leads.cleaning` reads what they type."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language

if TYPE_CHECKING:
    from leads.models import Company, Lead


def country_name(code: str) -> str:
    """“Germany” for “DE” in the viewer's language; a code that is none stays as it is."""
    return str(_locale().territories.get(code.upper(), code)) if code else ""


def place_name(place: Lead | Company) -> str:
    """“Denver, Colorado, United States”: what is known of it, in the viewer's language; a dash when nothing is."""
    known = (place.city, getattr(place, "region", ""), country_name(place.country))
    return ", ".join(part for part in known if part) or "–"


def language_name(code: str) -> str:
    """“German” for “de” in the viewer's language, with a capital."""
    return _capitalised(str(_locale().languages.get(code.lower(), code)))


def countries() -> tuple[tuple[str, str], ...]:
    """(code, name) of every country, in the order of the names."""
    return _countries(str(_locale()))


def languages() -> tuple[tuple[str, str], ...]:
    """(code, name) of the languages that people write in, in the order of the names."""
    return _languages(str(_locale()))


def _locale() -> Locale:
    return _parsed(get_language() or "en")


@lru_cache(maxsize=8)
def _parsed(code: str) -> Locale:
    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=8)
def _countries(locale: str) -> tuple[tuple[str, str], ...]:
    names = {str(code): str(name) for code, name in Locale.parse(locale).territories.items()}
    found = [(code, name) for code, name in names.items() if _is_short(code) and code not in _NOT_COUNTRIES]
    return tuple(sorted(found, key=lambda pair: pair[1].casefold()))


@lru_cache(maxsize=8)
def _languages(locale: str) -> tuple[tuple[str, str], ...]:
    names = {str(code): _capitalised(str(name)) for code, name in Locale.parse(locale).languages.items()}
    return tuple(sorted(((c, n) for c, n in names.items() if _is_short(c)), key=lambda pair: pair[1].casefold()))


def _is_short(code: str) -> bool:
    return len(code) == 2 and code.isalpha()


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})
"""Unions, test codes and leftovers of CLDR."""
