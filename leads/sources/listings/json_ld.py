"""schema.org JobPosting in a page's JSON-LD, however it is nested and whatever types its values have. Pure.

extruct 0.18 gives the JSON only, and reads 2 of the 6 wrappings of our tests (comments, semicolons), so ours stays.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
from selectolax.lexbor import LexborHTMLParser

from leads.cleaning.compensation import Stated
from leads.sources.listings.markup import moment, plain_text

MAX_DEPTH = 12
_UNITS = {
    "hour": "hour",
    "day": "day",
    "week": "week",
    "month": "month",
    "year": "year",
    "biweek": "two_weeks",
    "hr": "hour",
    "mon": "month",
    "ann": "year",
    "hur": "hour",
}
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")
_COMMENT = re.compile(r'(?P<text>"(?:[^"\\]|\\.)*+")|//[^\n]*|/\*.*?\*/', re.DOTALL)
"""A text, which is kept, or a comment of JavaScript, which JSON does not have."""
_CONTROL = re.compile(r"[\x00-\x1f]")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def find(tree: LexborHTMLParser) -> dict[str, Any] | None:
    """The first JobPosting of a page: alone, in a list, in `@graph`, or inside another thing."""
    for script in tree.css("script[type*='ld+json']"):
        posting = next(_postings(_loaded(script.text()), 0), None)
        if posting is not None:
            return posting
    return None


def _loaded(text: str) -> Any:
    """The JSON of a script; comments, raw line breaks, trailing commas and a semicolon behind it are forgiven."""
    text = _WRAPPING.sub("", text.strip())
    text = _COMMENT.sub(lambda match: match["text"] or " ", text).strip().rstrip(";").rstrip()
    for candidate in (text, _CONTROL.sub(" ", text), _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", text))):
        try:
            return orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
    return None


def _postings(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _postings(item, depth + 1)
    elif isinstance(value, dict):
        if _is_posting(value.get("@type")):
            yield value
        for item in value.values():
            if isinstance(item, dict | list):
                yield from _postings(item, depth + 1)


def _is_posting(kind: Any) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(k, str) and re.split(r"[/#:]", k)[-1].lower() == "jobposting" for k in kinds)


def text(value: Any) -> str:
    """A text out of whatever stands there: a text, a number, a thing with a name, the first of a list."""
    if isinstance(value, list):
        return next((found for item in value if (found := text(item))), "")
    if isinstance(value, dict):
        return next(
            (found for n in ("name", "@value", "value", "legalName", "title") if (found := text(value.get(n)))), ""
        )
    if isinstance(value, bool) or value is None:
        return ""
    return " ".join(html.unescape(str(value)).split())


def texts(value: Any) -> list[str]:
    """All texts of a value; comma-separated ones are split."""
    items = value if isinstance(value, list) else re.split(r"\s*[,;|]\s*", value) if isinstance(value, str) else [value]
    return list(dict.fromkeys(found for item in items if (found := text(item))))


def description(posting: dict[str, Any]) -> tuple[str, str]:
    """(text, HTML) of the description; escaped HTML is taken for what it means."""
    raw = posting.get("description")
    markup = raw if isinstance(raw, str) else text(raw)
    if "&lt;" in markup and "<" not in markup:
        markup = html.unescape(markup)
    return plain_text(markup if "<" in markup else markup.replace("\n", "<br>")), markup


def dates(posting: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """(posted, valid through)."""
    return moment(text(posting.get("datePosted"))), moment(text(posting.get("validThrough")))


def place(posting: dict[str, Any]) -> dict[str, Any]:
    """Country, region, city, postal code, latitude, longitude and the place in words; absent ones are empty."""
    location = posting.get("jobLocation")
    first = location[0] if isinstance(location, list) and location else location
    if isinstance(first, str):
        return {"location": text(first)}
    if not isinstance(first, dict):
        return {}
    address = first.get("address")
    address = address[0] if isinstance(address, list) and address else address
    geo = first.get("geo") if isinstance(first.get("geo"), dict) else {}
    if not isinstance(address, dict):
        return {"location": text(address) or text(first.get("name"))} | _point(geo)
    found = {
        "country": text(address.get("addressCountry")),
        "region": text(address.get("addressRegion")),
        "city": text(address.get("addressLocality")),
        "postal_code": text(address.get("postalCode")),
    }
    parts = [text(address.get("streetAddress")), found["city"], found["region"], found["country"]]
    return found | {"location": ", ".join(dict.fromkeys(part for part in parts if part))} | _point(geo)


def _point(geo: Any) -> dict[str, float]:
    try:
        return {"latitude": float(geo["latitude"]), "longitude": float(geo["longitude"])}
    except (KeyError, TypeError, ValueError):
        return {}


def is_remote(posting: dict[str, Any]) -> bool | None:
    """True for TELECOMMUTE; None when nothing is said."""
    kinds = [kind.upper() for kind in texts(posting.get("jobLocationType"))]
    return True if "TELECOMMUTE" in kinds else None


def employment_types(posting: dict[str, Any]) -> list[str]:
    """`FULL_TIME` as `full-time`."""
    return [kind.lower().replace("_", "-") for kind in texts(posting.get("employmentType"))]


def pay(posting: dict[str, Any]) -> tuple[Stated | None, str]:
    """(what is stated, the words) of `baseSalary` or `estimatedSalary`. Words alone are left to the pay parser."""
    for name in ("baseSalary", "estimatedSalary"):
        raw = posting.get(name)
        raw = raw[0] if isinstance(raw, list) and raw else raw
        if isinstance(raw, str) and raw.strip():
            return None, text(raw)
        if isinstance(raw, int | float) and not isinstance(raw, bool) and raw > 0:
            currency = text(posting.get("salaryCurrency")).upper()
            return Stated(float(raw), float(raw), currency), f"{raw:g} {currency}".strip()
        if isinstance(raw, dict) and (found := _amount(raw, text(posting.get("salaryCurrency")))):
            return found, _words(found)
    return None, ""


def _amount(raw: dict[str, Any], currency: str) -> Stated | None:
    value = raw.get("value") if isinstance(raw.get("value"), dict) else raw
    value = value if isinstance(value, dict) else {}
    low, high = _number(value.get("minValue")), _number(value.get("maxValue"))
    single = _number(value.get("value")) or _number(raw.get("value"))
    if low is None and high is None:
        low = high = single
    if low is None and high is None:
        return None
    unit = text(value.get("unitText") or raw.get("unitText") or value.get("unitCode")).lower()
    period = next((period for word, period in _UNITS.items() if unit.startswith(word)), "")
    return Stated(low, high, (text(raw.get("currency")) or text(value.get("currency")) or currency).upper()[:3], period)


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        value = re.sub(r"[^\d.]", "", value.replace(",", "")) or None
    try:
        number = float(value) if value is not None and not isinstance(value, bool | dict | list) else 0.0
    except ValueError:
        return None
    return number if number > 0 else None


def _words(stated: Stated) -> str:
    low, high = (f"{v:,.10g}" if v is not None else "" for v in (stated.minimum, stated.maximum))
    amount = low if low == high else f"{low}–{high}" if low and high else f"from {low}" if low else f"up to {high}"
    return " ".join(part for part in (amount, stated.currency, f"per {stated.period}" if stated.period else "") if part)
