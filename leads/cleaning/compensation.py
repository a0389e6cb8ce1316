"""Pay as written → a range, a currency, a period, or nothing. “$120–140k DOE”, “45,50 € pro Stunde”, “от 200 000 ₽”.

`state` says what is written and nothing more: no period where none stands. `parse` makes a yearly range of it, for
which it has to suppose a period by the size. Pure. One parser for listings, lists and qualification.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from leads.cleaning.pay_words import (
    AMOUNT,
    AND_UP,
    ANY_CURRENCY,
    BLANKS,
    CUT,
    DASHES,
    DOLLARS,
    FACTORS,
    FROM,
    IN_GROUPS,
    LEADING_PERIOD,
    NAMED_DOLLARS,
    NOT_PAY,
    NOT_YEARLY,
    PER_YEAR,
    PERIOD,
    RANGE,
    SAID_WITH_PAY,
    UP_TO,
    WORDS_OF_CURRENCIES,
)

MAX_TEXT = 500
"""Characters that are looked at: pay is said briefly, and looking takes the square of the length."""


@dataclass(frozen=True)
class Stated:
    """What is written. None is an open end, empty text is "not written". `period` is one of `PER_YEAR` or `NOT_YEARLY`."""

    minimum: float | None
    maximum: float | None
    currency: str = ""
    period: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"min": self.minimum, "max": self.maximum, "currency": self.currency, "period": self.period}


@dataclass(frozen=True)
class Pay:
    """A yearly range; None is an open end. `currency` is an ISO 4217 code or empty when none was written."""

    minimum: float | None
    maximum: float | None
    currency: str

    def __str__(self) -> str:
        low, high = (_short(v) if v is not None else "" for v in (self.minimum, self.maximum))
        if low == high:
            text = low
        elif low and high:
            text = f"{low}–{high}"
        else:
            text = f"≥ {low}" if low else f"≤ {high}"
        return f"{text} {self.currency}".strip()


@dataclass(frozen=True)
class _Found:
    """One amount in a text."""

    value: float
    scale: int
    currency: str
    has_sign: bool
    start: int
    end: int


def state(raw: Any, *, country: str = "") -> Stated | None:
    """Pay in `raw` (text, number, or {minimum, maximum, currency, period}); None when it is unclear.

    `country` (ISO 3166-1 alpha-2) tells whose dollars a bare “$” is.
    """
    if isinstance(raw, dict):
        return _from_parts(raw)
    if isinstance(raw, bool) or raw is None:
        return None
    text = _normalised(str(raw))
    named = {match[0].upper()[:2] for match in NAMED_DOLLARS.finditer(text)}
    if len(named) == 1:
        country = named.pop()
    lowered = text.lower()
    for signs, pattern in NOT_PAY:
        if any(sign in lowered for sign in signs):
            text = pattern.sub(f" {CUT} ", text)
    found = list(_amounts(text, country))
    if any(amount.has_sign for amount in found):
        found = _with_signs(text, found)
    elif not found or len(found) > 2 or not _is_nothing_else(text, found):
        return None
    statements = list(_statements(text, found))
    return _agreed(statements, text)


def parse(raw: Any, *, country: str = "") -> Pay | None:
    """The yearly range in `raw`; None when it says nothing, or pays by the piece.

    Without a period the size decides: below 500 an hour, below 15,000 a month (not for roubles and tenge, which are
    paid by the month below 1,500,000), else a year.
    """
    stated = state(raw, country=country)
    if stated is None or stated.period in NOT_YEARLY:
        return None
    top = max(v for v in (stated.minimum, stated.maximum) if v is not None)
    factor = PER_YEAR[stated.period or _usual_period(top, stated.currency)]
    low, high = (v * factor if v is not None else None for v in (stated.minimum, stated.maximum))
    return Pay(low, high, stated.currency)


def _normalised(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:MAX_TEXT])
    return BLANKS.sub(" ", folded.translate(DASHES)).strip()


def _amounts(text: str, country: str) -> Iterator[_Found]:
    for match in AMOUNT.finditer(text):
        sign = match["before"] or match["after"] or ""
        scale = _factor(match["scale"] or "")
        value = _number(match["digits"], match["cents"]) * scale
        if value <= 0:
            continue
        currency = (
            _currency(sign, country)
            if sign
            else ("INR" if re.match(r"l|crore", match["scale"] or "", re.IGNORECASE) else "")
        )
        yield _Found(value, scale, currency, bool(sign), match.start(), match.end())


def _number(digits: str, cents: str | None) -> float:
    if IN_GROUPS.fullmatch(digits):
        digits = "".join(filter(str.isdigit, digits))
    return float(f"{digits}.{cents}" if cents and digits.isdigit() else digits.replace(",", "."))


@lru_cache(maxsize=256)
def _factor(scale: str) -> int:
    return next((factor for pattern, factor in FACTORS if scale and re.match(pattern, scale, re.IGNORECASE)), 1)


@lru_cache(maxsize=256)
def _currency(sign: str, country: str) -> str:
    code = next((c for c, words in WORDS_OF_CURRENCIES.items() if re.fullmatch(words, sign, re.IGNORECASE)), "")
    return DOLLARS.get(country.upper(), code) if sign == "$" else code


def _with_signs(text: str, found: list[_Found]) -> list[_Found]:
    """Amounts with a currency, and those without one that form a range with such an amount."""
    kept = []
    for number, amount in enumerate(found):
        before = number > 0 and found[number - 1].has_sign and _is_range(text, found[number - 1], amount)
        after = number + 1 < len(found) and found[number + 1].has_sign and _is_range(text, amount, found[number + 1])
        if amount.has_sign or before or after:
            kept.append(amount)
    return kept


def _is_range(text: str, low: _Found, high: _Found) -> bool:
    between = text[low.end : high.start]
    return bool(RANGE.match(between) or RANGE.match(PERIOD.sub(" ", between)))


def _is_nothing_else(text: str, found: list[_Found]) -> bool:
    """Whether the numbers without a currency are the statement itself: scaled, with a period, or all that is written."""
    if any(amount.scale > 1 for amount in found) or any(_period(text[a.end : a.end + 24]) for a in found):
        return True
    rest = text
    for amount in reversed(found):
        rest = rest[: amount.start] + rest[amount.end :]
    words = re.findall(r"[^\W\d_]{2,}", rest)
    return all(
        SAID_WITH_PAY.fullmatch(word) or UP_TO.match(word) or _currency_anywhere(word) for word in words
    ) or bool(_period(rest))


def _statements(text: str, found: list[_Found]) -> Iterator[Stated]:
    """Ranges and single amounts in order, each with its period."""
    number = 0
    while number < len(found):
        first = found[number]
        second = found[number + 1] if number + 1 < len(found) else None
        if second is not None and _is_range(text, first, second):
            yield _range(text, first, second, found[number + 2] if number + 2 < len(found) else None)
            number += 2
            continue
        before, after = text[max(0, first.start - 24) : first.start], _after(text, first, second)
        low = high = first.value
        is_from = bool(FROM.search(before)) or bool(
            AND_UP.match(LEADING_PERIOD.sub("", after, count=1)) or AND_UP.match(after)
        )
        is_up_to = bool(UP_TO.search(before))
        period = _period(after) or _period(text[max(0, first.start - 30) : first.start])
        if is_from != is_up_to:
            yield Stated(low if is_from else None, high if is_up_to else None, first.currency, period)
        else:
            yield Stated(low, high, first.currency, period)
        number += 1


def _after(text: str, amount: _Found, following: _Found | None) -> str:
    end = following.start if following is not None else len(text)
    return text[amount.end : min(end, amount.end + 40)]


def _range(text: str, first: _Found, second: _Found, following: _Found | None) -> Stated:
    low, high = first.value, second.value
    if first.scale == 1 and second.scale > 1 and low < high / 100:
        low *= second.scale  # “120–140k”
    if second.scale == 1 and first.scale > 1 and high < low / 100:
        high *= first.scale  # “120k–140”
    low, high = sorted((low, high))
    period = _period(text[first.end : second.start]) or _period(_after(text, second, following))
    period = period or _period(text[max(0, first.start - 30) : first.start])
    return Stated(low, high, first.currency or second.currency, period)


def _period(text: str) -> str:
    """The first period in `text`."""
    match = PERIOD.search(text)
    return match.lastgroup or "" if match else ""


def _currency_anywhere(text: str) -> str:
    match = ANY_CURRENCY.search(text)
    return match.lastgroup or "" if match else ""


def _agreed(statements: list[Stated], text: str) -> Stated | None:
    """One statement from several: those with the same period and currency form a range; otherwise the first counts.

    More than three that disagree are a price list, not a pay.
    """
    if not statements or len(statements) > 4:
        return None
    first = statements[0]
    currency = first.currency or _currency_anywhere(text)
    period = first.period or (_period(text) if len(statements) == 1 else "")
    alike = [s for s in statements if s.currency in {first.currency, ""} and s.period == first.period]
    if len(alike) > 3:
        return None
    ends = [v for s in alike for v in (s.minimum, s.maximum) if v is not None]
    if max(ends) > 50 * min(ends):
        alike, ends = [first], [v for v in (first.minimum, first.maximum) if v is not None]
    if len(alike) == 1:
        return Stated(first.minimum, first.maximum, currency, period)
    return Stated(min(ends), max(ends), currency, period)


def _from_parts(raw: dict[str, Any]) -> Stated | None:
    low, high = (
        raw.get(a) if raw.get(a) is not None else raw.get(b) for a, b in (("minimum", "min"), ("maximum", "max"))
    )
    values = [
        float(v) if isinstance(v, int | float) and not isinstance(v, bool) and v > 0 else None for v in (low, high)
    ]
    if values == [None, None]:
        return None
    period = str(raw.get("period") or "")
    known = period if period in PER_YEAR or period in NOT_YEARLY else ""
    return Stated(values[0], values[1], str(raw.get("currency") or "").upper(), known)


def _usual_period(amount: float, currency: str) -> str:
    if currency in {"RUB", "KZT"}:
        return "month" if amount < 1_500_000 else "year"
    if amount < 500:
        return "hour"
    return "month" if amount < 15_000 else "year"


def _short(amount: float) -> str:
    if amount >= 1_000_000:
        return f"{amount / 1_000_000:.4g}M"
    return f"{amount / 1_000:.4g}k" if amount >= 1_000 else f"{amount:g}"
