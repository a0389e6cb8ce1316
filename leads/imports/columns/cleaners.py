"""What cleans the cells of each field. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from leads.cleaning import cells as cleaning
from leads.cleaning import contacts, names
from leads.cleaning.moments import moment

TAG_SEPARATOR = "\x1f"
"""Between the tags of one staged cell; cleaned text never holds it."""
_BETWEEN_EMAILS = re.compile(r"\s*(?::::|[;,|\n])\s*|\s+(?=[^\s<>]+@)")


def paragraphs(text: str) -> str:
    return "" if text.strip().casefold() in cleaning.NOTHING else cleaning.paragraphs(text)


def _lower_end(text: str) -> str:
    low, _high = cleaning.employees(text)
    return "" if low is None else str(low)


def upper_end(text: str) -> str:
    _low, high = cleaning.employees(text)
    return "" if high is None else str(high)


def _flag(text: str) -> str:
    value = cleaning.flag(text)
    return "" if value is None else str(value).lower()


def _tags(text: str) -> str:
    return TAG_SEPARATOR.join(cleaning.tags(text))


def emails_in(text: str) -> list[str]:
    """The addresses in a cell that names several, each as written."""
    if text.count("@") < 2:
        return [text]
    parts = [part for part in _BETWEEN_EMAILS.split(text) if "@" in part]
    return parts if len(parts) > 1 else [text]


@lru_cache(maxsize=20_000)
def _short(text: str) -> str:
    return cleaning.one_line(text)[: cleaning.MAX_SHORT_TEXT]


def _word(text: str) -> str:
    return _short(text).lower()


PERSON_CLEANERS: dict[str, Callable[[str], str]] = {
    "full_name": names.person_name,
    "first_name": names.name_part,
    "last_name": names.name_part,
    "title": _short,
    "description": paragraphs,
    "url": contacts.web_address,
    "country": cleaning.country,
    "region": _short,
    "city": _short,
    "postal_code": _short,
    "time_zone": cleaning.time_zone,
    "language": cleaning.language,
    "status": _word,
    "tags": _tags,
    "external_id": _short,
    "network": contacts.profile,
    "changed_at": moment,
}
COMPANY_CLEANERS: dict[str, Callable[[str], str]] = {
    "name": names.company_name,
    "domain": contacts.domain,
    "website": contacts.web_address,
    "country": cleaning.country,
    "city": _short,
    "industry": _short,
    "segment": _word,
    "is_sme": _flag,
    "employee_count": _lower_end,
    "tax_id": cleaning.tax_id,
    "registration_number": cleaning.tax_id,
    "status": _word,
    "tags": _tags,
    "research_text": paragraphs,
    "external_id": _short,
    "changed_at": moment,
}
