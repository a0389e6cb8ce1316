"""Pay as people write it → a yearly range. “120k–140k”, “$45/hr”, “от 200 000 ₽ в месяц”. Pure; never guesses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

PER_YEAR = {"hour": 2080, "day": 260, "week": 52, "month": 12, "year": 1}
"""Full-time working units in a year: 40 hours × 52 weeks."""

_CURRENCIES = {
    "USD": r"\$|\busd\b|\bdollars?\b|доллар",
    "EUR": r"€|\beur\b|\beuros?\b|\bевро\b",
    "GBP": r"£|\bgbp\b",
    "RUB": r"₽|\brub\b|\brur\b|\bруб|\bр\.",
    "KZT": r"₸|\bkzt\b|тенге",
}
_PERIODS = {
    "hour": r"/\s*h\b|/\s*hr\b|hour|\bhr\b|\bчас|/\s*ч\b",
    "day": r"/\s*d\b|/\s*day|per day|a day|daily|в день|/\s*день",
    "week": r"/\s*w(?:ee)?k|week|недел",
    "month": r"/\s*mo?\b|/\s*mth|month|месяц|/\s*мес|\bмес\b|в мес",
    "year": r"/\s*y\b|/\s*yr|year|annual|\byr\b|p\.a\.|\bгод\b|в год",
}
_NUMBER = re.compile(
    r"(\d{1,3}(?:[ \u00a0\u202f,.']\d{3})+(?!\d)|\d+(?:[.,]\d{1,2})?)\s*(k\b|к\b|тыс|m\b|млн)?", re.IGNORECASE
)
_FACTORS = {"k": 1_000, "к": 1_000, "тыс": 1_000, "m": 1_000_000, "млн": 1_000_000}
_FROM = re.compile(r"\bfrom\b|\bот\b|\bmin|\bstarting|\+|не менее", re.IGNORECASE)
_UP_TO = re.compile(r"\bup to\b|\bдо\b|\bmax|не более", re.IGNORECASE)


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


def parse(raw: Any) -> Pay | None:
    """The yearly range in `raw` (text, number, or {minimum, maximum, currency, period}); None when it says nothing.

    Without a period the size decides: below 500 an hour, below 15,000 a month (not for roubles and tenge, which are
    paid by the month below 1,500,000), else a year.
    """
    if isinstance(raw, dict):
        return _from_parts(raw)
    if isinstance(raw, bool) or raw is None:
        return None
    text = str(raw).strip()
    numbers = [_amount(m) for m in _NUMBER.finditer(text)]
    if not numbers or len(numbers) > 4:
        return None
    numbers = numbers[:2]
    scales = [m[2].lower() for m in _NUMBER.finditer(text) if m[2]]
    if len(numbers) == 2 and len(scales) == 1 and numbers[0] < numbers[1] / 100:
        numbers[0] *= _FACTORS[scales[0]]  # “120–140k”
    currency = next((c for c, sign in _CURRENCIES.items() if re.search(sign, text, re.IGNORECASE)), "")
    period = next((p for p, sign in _PERIODS.items() if re.search(sign, text, re.IGNORECASE)), "")
    return _yearly(numbers, currency, period, is_from=bool(_FROM.search(text)), is_up_to=bool(_UP_TO.search(text)))


def _from_parts(raw: dict[str, Any]) -> Pay | None:
    low, high = (
        raw.get(a) if raw.get(a) is not None else raw.get(b) for a, b in (("minimum", "min"), ("maximum", "max"))
    )
    numbers = [float(v) for v in (low, high) if isinstance(v, int | float) and not isinstance(v, bool)]
    if not numbers:
        return None
    period = str(raw.get("period") or "")
    return _yearly(
        numbers, str(raw.get("currency") or "").upper(), period if period in PER_YEAR else "",
        is_from=high is None, is_up_to=low is None,
    )  # fmt: skip


def _yearly(numbers: list[float], currency: str, period: str, *, is_from: bool, is_up_to: bool) -> Pay | None:
    top = max(numbers)
    if top <= 0:
        return None
    factor = PER_YEAR[period or _usual_period(top, currency)]
    low, high = min(numbers) * factor, top * factor
    if len(numbers) == 1 and is_from != is_up_to:
        return Pay(low, None, currency) if is_from else Pay(None, high, currency)
    return Pay(low, high, currency)


def _usual_period(amount: float, currency: str) -> str:
    if currency in {"RUB", "KZT"}:
        return "month" if amount < 1_500_000 else "year"
    if amount < 500:
        return "hour"
    return "month" if amount < 15_000 else "year"


def _amount(match: re.Match[str]) -> float:
    digits = match[1]
    if re.fullmatch(r"\d{1,3}(?:[ \u00a0\u202f,.']\d{3})+", digits):
        digits = re.sub(r"\D", "", digits)
    number = float(digits.replace(",", "."))
    return number * _FACTORS[match[2].lower()] if match[2] else number


def _short(amount: float) -> str:
    if amount >= 1_000_000:
        return f"{amount / 1_000_000:.4g}M"
    return f"{amount / 1_000:.4g}k" if amount >= 1_000 else f"{amount:g}"
