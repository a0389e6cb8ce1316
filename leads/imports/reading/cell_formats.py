"""A cell of a workbook as text: numbers in the form that the sheet shows, dates in ISO form.

Pure: no Django, no database. A sheet keeps all digits of a number and shows few: what its form only hides (7.7E+09,
grouping, rounding) is given whole, what its form adds (leading zeros, the signs of a phone number) is added. Dates
are never ambiguous that way: 2024-03-05 whatever the sheet's country.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta

_IGNORED = re.compile(r"\[[^\]]*\]|_.|\*.")
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|([0#?]+)|(.)')
_MAX_EXACT = 10**15


def text_of(value: object, number_format: str = "General") -> str:
    """What a person would read in the cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, number_format)
    if isinstance(value, datetime):
        has_time = bool(value.hour or value.minute or value.second)
        return value.isoformat(sep=" ", timespec="seconds") if has_time else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
    return str(value)


def _number(value: float, number_format: str) -> str:
    plain = _plain(value)
    form = _IGNORED.sub("", number_format.split(";")[0])
    if "%" in form:
        return f"{_plain(round(value * 100, 10))}%"
    if not plain.isascii() or not plain.isdigit() or "." in form or "E" in form or "," in form:
        return plain
    parts = [(m[1] or m[2] or m[4] or "", m[3] or "") for m in _TOKEN.finditer(form)]
    places = "".join(holder for _literal, holder in parts)
    literals = [literal for literal, holder in parts if not holder and literal.strip()]
    if "0" not in places or (not literals and len(places) <= len(plain)):
        return plain
    return _filled(parts, plain, places)


def _plain(value: int | float) -> str:
    """All digits that are known, without an exponent where all of them are."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        if value.is_integer() and abs(value) < _MAX_EXACT:
            return str(int(value))
        text = f"{value:.15g}"
        return f"{value:.15f}".rstrip("0") if "e-" in text else text.upper()
    return str(value)


def _filled(parts: list[tuple[str, str]], digits: str, places: str) -> str:
    """The digits placed into the format's positions, from the right; the rest goes to the first position."""
    required = len(places) - len(places.lstrip("#?"))
    padded = digits.rjust(len(places) - required if required else len(places), "0")
    queue = list(padded.rjust(len(places), "\0") if len(padded) < len(places) else padded)
    extra = "".join(queue[: len(queue) - len(places)])
    queue = queue[len(queue) - len(places) :]
    out, is_first = [], True
    for literal, holder in parts:
        if not holder:
            out.append(literal)
            continue
        out.append(extra if is_first else "")
        is_first = False
        out += [queue.pop(0) for _place in holder]
    return "".join(out).replace("\0", "").strip()
