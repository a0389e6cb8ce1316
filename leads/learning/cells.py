"""Cells of a file as numbers and days, however they are written. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "—", "?", "#n/a"})
MOSTLY = 0.95
"""This share of a column's filled cells makes it a number or a date."""
FARTHEST = 1e12
"""Amounts beyond count as this: squares of larger ones would overflow."""
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:[ ,\u00a0]\d{3})+(?:\.\d+)?|[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:[ .\u00a0]\d{3})+|\d+),(?:\d{1,2}|\d{4,})")
"""A decimal comma that can't be one of thousands; one such cell says how the column writes its numbers."""
_DECORATION = "€$£₽% \u00a0"
_DATES = (
    "%d.%m.%Y", "%d.%m.%Y %H:%M", "%m/%d/%Y", "%m/%d/%Y %H:%M", "%d/%m/%Y", "%d/%m/%Y %H:%M", "%Y/%m/%d", "%Y/%m/%d %H:%M",
    "%d-%m-%Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%m/%d/%Y %I:%M %p", "%d.%m.%y",
    "%a, %d %b %Y %H:%M:%S %z",
)  # fmt: skip
PROBED = 50
LEAST_IN_A_FORM = 0.25
"""Share of the first cells that one way of writing must fit; the rest may follow the standard (ISO 8601)."""

Floats = NDArray[np.float64]


def numbers(texts: Sequence[str]) -> Floats | None:
    """The cells as numbers, NaN where missing or odd; None when they mostly are none."""
    plain = ["" if text.lower() in MISSING else text.strip(_DECORATION) for text in texts]
    if any(_COMMA.fullmatch(text) for text in plain):
        plain = [text.replace(".", "").replace(",", ".") for text in plain]
    values = np.full(len(texts), np.nan)
    odd = filled = 0
    for i, text in enumerate(plain):
        if not text:
            continue
        filled += 1
        if _NUMBER.fullmatch(text):
            values[i] = float(re.sub(r"[ ,\u00a0]", "", text))
        else:
            odd += 1
    values[~np.isfinite(values)] = np.nan
    values = np.clip(values, -FARTHEST, FARTHEST)
    return values if filled and odd <= (1 - MOSTLY) * filled else None


def dates(texts: Sequence[str]) -> Floats | None:
    """The cells as days since 1970, NaN where missing; None when they mostly are no dates."""
    filled = [text for text in texts if text.lower() not in MISSING]
    if not filled or not any(c.isdigit() for c in filled[0]):
        return None
    for form in ("", *_DATES):
        known = ~np.isnan([_day(text, form) for text in filled[:PROBED]])
        if known.mean() <= LEAST_IN_A_FORM:
            continue
        values = np.array([_day(text, form) for text in texts])
        if form:  # two files pasted together: some dates in one way, some by the standard
            rest = np.flatnonzero(np.isnan(values))
            values[rest] = [_day(texts[int(i)], "") for i in rest]
        if np.isnan(values).sum() - (len(texts) - len(filled)) <= (1 - MOSTLY) * len(filled):
            return values
    return None


def _day(text: str, form: str) -> float:
    if text.lower() in MISSING or len(text) < 6:
        return np.nan
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=UTC) if form else datetime.fromisoformat(text)
    except ValueError:
        return np.nan
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() / 86_400
