"""Cleans cells: lines, keys, countries, tax ids, numbers, flags, languages, zones, tags, formulas.

Pure: no Django, no database. Every function takes the text of a cell; an empty answer means "not known". What
cannot be read raises `Invalid` with a code, it is never guessed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from zoneinfo import available_timezones

from babel import Locale

from outreach.core.errors import Invalid
from outreach.core.lists import read_list, read_table

DATA = Path(__file__).parent / "data"
NOTHING = frozenset(read_list(DATA / "nothing.txt")) | {"", "#n/a", "#н/д"}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MAX_TEXT = 20_000
MAX_SHORT_TEXT = 500

_INVISIBLE = re.compile(r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]")
_NUMBER_LIKE = re.compile(r"^[+-]?[\d\s().,/-]+$")
_SIGNS = re.compile(r"[\W_]+")


def one_line(text: str) -> str:
    """`text` without invisible characters, white space of any kind as single blanks; "n/a" and its like are empty."""
    if text.isprintable():
        text = text.strip() if "  " not in text else " ".join(text.split())
    else:
        text = " ".join(_INVISIBLE.sub("", text).split())
    if text[:1] == "'" and text[1:].lstrip().startswith(FORMULA_STARTS):
        text = text[1:].lstrip()
    return "" if len(text) <= 12 and text.casefold() in NOTHING else text


def paragraphs(text: str) -> str:
    """Like `one_line` for long texts: line breaks stay."""
    lines = (" ".join(_INVISIBLE.sub("", line).split()) for line in text.splitlines())
    return "\n".join(lines).strip()[:MAX_TEXT]


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would evaluate the cell as a formula. Signed numbers and phone numbers are not formulas."""
    stripped = text.lstrip(" ")
    return stripped.startswith(FORMULA_STARTS) and len(stripped) > 1 and not _NUMBER_LIKE.match(stripped)


def neutralise(value: object) -> str:
    """A cell for export that no spreadsheet evaluates: text that starts like a formula gets a leading apostrophe.

    `one_line` takes the apostrophe away again when the file comes back.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA_STARTS) else text


def key(text: str) -> str:
    """Text as it is compared: lower case, no accents, ё as е, signs as blanks."""
    if text.isascii():
        return " ".join(_SIGNS.sub(" ", text.lower()).split())
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c) or c == "\u0306")
    return " ".join(_SIGNS.sub(" ", unicodedata.normalize("NFC", plain.casefold())).split())


_COUNTRIES: dict[str, str] = json.loads((DATA / "countries.json").read_text(encoding="utf-8"))
"""Names in English, Russian and German and alpha-3 codes → alpha-2; from Unicode CLDR, plus everyday names of more."""
_CODES = frozenset(_COUNTRIES.values())
_COUNTRY_KEYS = {name.replace("\u0306", ""): code for name, code in _COUNTRIES.items()}


NAMED_IN = ("en", "ru", "de", "fr", "es", "it", "pt", "nl", "pl", "uk", "cs", "sv", "nb", "da", "fi", "tr")
"""Languages in which countries and languages are known by name."""


@lru_cache(maxsize=2)
def _cldr_names(kind: str) -> dict[str, str]:
    """The names that pages and people's lists use, in lower case → two-letter code; the first language wins."""
    found: dict[str, str] = {}
    for locale in NAMED_IN:
        for code, name in getattr(Locale(locale), kind).items():
            if len(code) == 2 and code.isalpha():
                text = str(name).casefold()
                found.setdefault(_folded_name(text) if kind == "territories" else text, code)
    return found


def _folded_name(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_SIGNS.sub(" ", "".join(c for c in folded if not unicodedata.combining(c))).split())


_IN_BRACKETS = re.compile(r"\s*\([^)]*\)\s*")


@lru_cache(maxsize=5_000)
def country(text: str) -> str:
    """ISO 3166-1 alpha-2 of a country's name or code, also behind a city (there CA is California). Raises `Invalid` `country_unknown`."""
    name = one_line(text)
    if not name:
        return ""
    behind_city = name.rpartition(",")[2].strip()
    outside = _IN_BRACKETS.sub("", name[:MAX_SHORT_TEXT])
    for said in (name, outside, behind_city if len(behind_city) > 2 else ""):
        if said.upper() in _CODES:
            return said.upper()
        plain = _folded_name(said)
        if found := _COUNTRY_KEYS.get(plain) or _cldr_names("territories").get(plain):
            return found
    raise Invalid(
        "country", f"“{name[:60]}” is not a country we know. Use its name or a two-letter code.", code="country_unknown"
    )


MANGLED = re.compile(r"^\d+(?:[.,]\d+)?e[+-]?\d+$", re.IGNORECASE)
_ID_CHARACTERS = re.compile(r"^[0-9A-ZА-ЯЁ]{4,32}$")


def tax_id(text: str) -> str:
    """A tax id or registration number without blanks and signs, in capitals.

    Raises `Invalid`: `tax_id_mangled` for what a spreadsheet made of it (7.7E+09: the digits are lost),
    `tax_id_invalid` for what cannot be an id.
    """
    value = one_line(text)
    if not value:
        return ""
    if MANGLED.match(value.replace(" ", "")):
        raise Invalid(
            "tax_id",
            f"A spreadsheet has rounded the number “{value[:40]}”: format the column as text and export again.",
            code="tax_id_mangled",
        )
    value = re.sub(r"\.0+$", "", value) if re.fullmatch(r"\d+\.0+", value) else value
    compact = re.sub(r"[\s./\\_-]", "", value).upper()
    if not _ID_CHARACTERS.match(compact) or not any(c.isdigit() for c in compact) or not compact.strip("0"):
        raise Invalid("tax_id", f"“{value[:40]}” cannot be a tax id or registration number.", code="tax_id_invalid")
    return compact


MOST_EMPLOYEES = 10_000_000
"""More is a mistake; as the upper end of a range it stands for “and more”."""
_COUNT = r"(\d{1,3}(?:[ ,.'’]\d{3})+|\d+)(?:\.0+)?"
_EMPLOYEES = re.compile(
    rf"^[^\d-]{{0,12}}?{_COUNT}\s*(?:(?:[-–—]|to|до|bis)\s*{_COUNT}|(\+)|(?:[-–—]|to|до|employees|чел|сотр|$))",
    re.IGNORECASE,
)


def employees(text: str) -> tuple[int | None, int | None]:
    """A number of employees and the upper end of its range: "1 200" → (1200, None), "51-200" → (51, 200).

    "1001+" has no upper end: `MOST_EMPLOYEES`. Raises `number_invalid`.
    """
    value = one_line(text)
    if not value:
        return None, None
    match = _EMPLOYEES.match(value)
    if not match:
        raise Invalid("employee_count", f"“{value[:40]}” is not a number.", code="number_invalid")
    low = int(re.sub(r"\D", "", match[1]))
    high = int(re.sub(r"\D", "", match[2])) if match[2] else MOST_EMPLOYEES if match[3] else None
    if low > MOST_EMPLOYEES or (high or 0) > MOST_EMPLOYEES:
        raise Invalid("employee_count", f"“{value[:40]}” employees are too many.", code="number_invalid")
    if high is not None and high <= low:
        high = None
    return low, high


_TRUE = frozenset({"1", "true", "yes", "y", "t", "да", "д", "истина", "x", "✓", "+", "мсп", "sme"})
_FALSE = frozenset({"0", "false", "no", "n", "f", "ложь", "нет", "-"})


def flag(text: str) -> bool | None:
    """Yes or no in the usual spellings. Raises `flag_invalid`."""
    value = " ".join(text.split()).casefold()
    if value in _TRUE:
        return True
    if value in _FALSE and value != "-":
        return False
    if value in NOTHING:
        return None
    raise Invalid("is_sme", f"“{text.strip()[:40]}” is not yes or no.", code="flag_invalid")


_LANGUAGES: dict[str, str] = read_table(DATA / "languages.toml")


@lru_cache(maxsize=5_000)
def language(text: str) -> str:
    """ISO 639-1 of a language's name, code or locale. Raises `language_unknown`."""
    value = one_line(text).casefold()
    if not value:
        return ""
    if value in _LANGUAGES:
        return _LANGUAGES[value]
    if found := _cldr_names("languages").get(value):
        return found
    if match := re.match(r"^([a-z]{2})(?:[-_][a-z]{2,4})?$", value):
        return match[1]
    raise Invalid(
        "language",
        f"“{value[:40]}” is not a language we know. Use its name or a two-letter code.",
        code="language_unknown",
    )


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def time_zone(text: str) -> str:
    """An IANA zone in its own spelling. Raises `time_zone_unknown`."""
    value = one_line(text)
    if not value:
        return ""
    if found := _zones().get(value.casefold().replace(" ", "_")):
        return found
    raise Invalid("time_zone", f"“{value[:40]}” is not a time zone such as Europe/Berlin.", code="time_zone_unknown")


def tags(text: str) -> list[str]:
    """Tags in lower case, each once, in order; separated by comma, semicolon, | or Google's :::."""
    parts = (one_line(part.strip(" *")).casefold()[:100] for part in re.split(r":::|[,;|]", text))
    return list(dict.fromkeys(part for part in parts if part))[:50]
