"""Cleans cells: names, company names, countries, tax ids, numbers, addresses, formulas.

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

import phonenumbers
from babel import Locale

from leads.cleaning.legal_forms import GERMAN, without_forms
from outreach.core import addresses
from outreach.core.addresses import is_free_mail
from outreach.core.errors import Invalid
from outreach.core.lists import read_list, read_table

DATA = Path(__file__).parent / "data"
NOTHING = frozenset(read_list(DATA / "nothing.txt")) | {"", "#n/a", "#н/д"}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MAX_TEXT = 20_000
MAX_SHORT_TEXT = 500

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u3000]+")
_INVISIBLE = re.compile(r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]")
_NUMBER_LIKE = re.compile(r"^[+-]?[\d\s().,/-]+$")
_FAST_EMAIL = re.compile(r"^[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}$")


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
        return " ".join(re.sub(r"[\W_]+", " ", text.lower()).split())
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c) or c == "\u0306")
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", plain.casefold())).split())


_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "da", "di", "du", "la", "le", "del", "bin", "al", "zu", "оглы", "кызы"}
)
_PATRONYMIC = re.compile(r"(?:ович|евич|ич|овна|евна|ична|инична)$", re.IGNORECASE)
_HONORIFIC = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|dr|prof|herr|frau|sir|г-н|г-жа|господин|госпожа|д-р)\.?\s+)+", re.IGNORECASE
)


def person_name(text: str) -> str:
    """A name with natural capitals when it was written all in one case, without honorifics."""
    return _natural(_HONORIFIC.sub("", one_line(text)))


def _natural(name: str) -> str:
    name = name.strip(' ,;"«»“”')[:MAX_SHORT_TEXT]
    if not name or (not name.isupper() and not name.islower()):
        return name
    if len(name) <= 2:
        return name.upper()
    return " ".join(_capitalised(word) for word in name.lower().split(" "))


FILLERS = frozenset({"na", "null", "none", "nan", "nil"})
"""What programs write for "nothing", and what people are called."""


def name_part(text: str) -> str:
    """A first or last name as it is written. Null, Nan and None stay, since people are called so: see `without_fillers`."""
    word = text.strip()
    return word if word.casefold() in FILLERS else _HONORIFIC.sub("", one_line(text))


def without_fillers(first: str, last: str) -> tuple[str, str]:
    """Both parts of a name, cleaned. "Null" beside "Jenny" is a name; "NULL" or "nan" beside "Jenny" is a program's."""
    if not (first or last):
        return "", ""
    is_filler = [part.casefold() in FILLERS for part in (first, last)]
    if any(is_filler) and (
        all(is_filler) or not any(way(first) and way(last) for way in (str.istitle, str.isupper, str.islower))
    ):
        first, last = ("" if filler else part for part, filler in zip((first, last), is_filler, strict=True))
    return _natural(first), _natural(last)


def _capitalised(word: str) -> str:
    if word in _PARTICLES:
        return word
    return re.sub(r"(^|[-'’])(\w)", lambda m: m[1] + m[2].upper(), word)


_SURNAME = re.compile(
    r"[а-яё](?:[оеё]в|[иы]н|ский|цкий|ской|[оеё]ва|[иы]на|ская|цкая|енко|ич|ук|юк|ян|дзе|швили)$", re.IGNORECASE
)
_GIVEN = frozenset(read_list(DATA / "given_names_ru.txt"))


def _is_surname(word: str) -> bool:
    """Whether a Cyrillic word looks like a Russian surname rather than a given name."""
    return bool(_SURNAME.search(word)) and word.lower() not in _GIVEN


def split_name(full_name: str) -> tuple[str, str]:
    """(first name, last name) of a cleaned name. "Last, First", "Фамилия Имя" and "Фамилия Имя Отчество" are known."""
    if "," in full_name:
        last, _comma, first = (part.strip() for part in full_name.partition(","))
        return first, last
    words = full_name.split()
    if len(words) < 2:
        return full_name, ""
    if len(words) == 2 and _is_surname(words[0]) and not _is_surname(words[1]):
        return words[1], words[0]
    if len(words) == 3 and _PATRONYMIC.search(words[2]) and re.search(r"[а-яё]", full_name, re.IGNORECASE):
        return words[1], words[0]
    if len(words) == 3 and _PATRONYMIC.search(words[1]) and re.search(r"[а-яё]", full_name, re.IGNORECASE):
        return words[0], words[2]
    cut = next((i for i, word in enumerate(words) if i and word.lower() in _PARTICLES), len(words) - 1)
    return " ".join(words[:cut]), " ".join(words[cut:])


_QUOTES = str.maketrans(dict.fromkeys('«»"“”„‟', " "))


def company_name(text: str) -> str:
    """A company's display name: white space and outer quotes tidied, legal form kept."""
    name = one_line(text).strip(" ,;")
    if len(name) > 1 and name[0] in "\"'“„" and name[-1] in "\"'”“":
        name = name[1:-1].strip()
    return name[:MAX_SHORT_TEXT]


_SPA = re.compile(r"\b(?:SpA|SPA|S\.p\.A\.?|s\.p\.a\.?)\s*$")
_AND = frozenset({"and", "und", "et"})
_UMLAUT = re.compile(r"(?<=[b-df-hj-np-tv-z])([aou])e(?=[b-df-hj-np-tv-z])")


@lru_cache(maxsize=20_000)
def company_key(name: str) -> str:
    """What equal companies share: the name in `key` form without legal forms at either end and without "and".

    A name that is nothing but legal forms stays as it is. "Spa" is a bath unless it is written like the Italian form.
    In names with a German form or letter ue is ü.
    """
    plain = _SPA.sub(" s p a", name.translate(_QUOTES))
    words, forms = without_forms(key(plain.replace("&", " & ")).split())
    kept = [word for place, word in enumerate(words) if word not in _AND or place in (0, len(words) - 1)]
    if forms & GERMAN:
        kept = [_UMLAUT.sub(r"\1", word) for word in kept]
    return " ".join(kept)


def legal_forms(name: str) -> set[str]:
    """The legal forms at the ends of a name; empty for a place or a person."""
    words = key(name.translate(_QUOTES)).split()
    return without_forms(words)[1] if len(words) > 1 else set()


_COUNTRIES: dict[str, str] = json.loads((DATA / "countries.json").read_text(encoding="utf-8"))
"""Names in English, Russian and German and alpha-3 codes → alpha-2; from Unicode CLDR, plus everyday names."""
_CODES = frozenset(_COUNTRIES.values())
_COUNTRY_KEYS = {name.replace("\u0306", ""): code for name, code in _COUNTRIES.items()}


@lru_cache(maxsize=2)
def _cldr_names(kind: str) -> dict[str, str]:
    """The names that pages show, in English, Russian and German, in lower case → two-letter code."""
    found: dict[str, str] = {}
    for locale in ("en", "ru", "de"):
        for code, name in getattr(Locale(locale), kind).items():
            if len(code) == 2 and code.isalpha():
                text = str(name).casefold()
                found.setdefault(_folded_name(text) if kind == "territories" else text, code)
    return found


def _folded_name(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[\W_]+", " ", "".join(c for c in folded if not unicodedata.combining(c))).split())


@lru_cache(maxsize=5_000)
def country(text: str) -> str:
    """ISO 3166-1 alpha-2 of a country's name or code. Raises `Invalid` `country_unknown`."""
    name = one_line(text)
    if not name:
        return ""
    if name.upper() in _CODES:
        return name.upper()
    plain = _folded_name(name)
    if found := _COUNTRY_KEYS.get(plain) or _cldr_names("territories").get(plain):
        return found
    raise Invalid(
        "country", f"“{name[:60]}” is not a country we know. Use its name or a two-letter code.", code="country_unknown"
    )


_MANGLED = re.compile(r"^\d+(?:[.,]\d+)?e[+-]?\d+$", re.IGNORECASE)
_ID_CHARACTERS = re.compile(r"^[0-9A-ZА-ЯЁ]{4,32}$")


def tax_id(text: str) -> str:
    """A tax id or registration number without blanks and signs, in capitals.

    Raises `Invalid`: `tax_id_mangled` for what a spreadsheet made of it (7.7E+09: the digits are lost),
    `tax_id_invalid` for what cannot be an id.
    """
    value = one_line(text)
    if not value:
        return ""
    if _MANGLED.match(value.replace(" ", "")):
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


def email(text: str) -> str:
    """A normalised e-mail address; `mailto:` and "Name <address>" are taken off. Raises `email_invalid`."""
    value = one_line(text)
    if not value:
        return ""
    lowered = value.lower()
    if len(lowered) <= 64 and _FAST_EMAIL.match(lowered):
        return lowered
    if match := re.search(r"<([^<>]+)>$", value):
        value = match[1]
    return addresses.normalise_email(value.removeprefix("mailto:").strip(" ,;"))


def phone(text: str, *, country: str = "") -> str:
    """A phone number in E.164. Raises `phone_invalid`; a number that a spreadsheet rounded is `phone_mangled`."""
    value = one_line(text)
    if not value:
        return ""
    if found := _plain_international(value):
        return found
    if _MANGLED.match(value.replace(" ", "").lstrip("+")):
        raise Invalid("phone", f"A spreadsheet has rounded the number “{value}”.", code="phone_mangled")
    if re.fullmatch(r"\d{11,15}\.0", value):
        value = value[:-2]
    try:
        return addresses.normalise_phone(value, country=country or None)
    except Invalid:
        digits = re.sub(r"\D", "", value)
        if any(c.isalpha() for c in value) or len(addresses.split_phones(value)) > 1:
            raise
        if not country and len(digits) == 11 and digits.startswith("8"):
            raise  # 8 (495) … is how Russians and Kazakhs write at home; +84 is Vietnam
        if not value.startswith("+") and len(digits) >= 11:
            return _with_prefix(value, digits, country)
        raise


_SEPARATORS = str.maketrans("", "", " ()-./")
_INTERNATIONAL = re.compile(r"\+[1-9]\d{7,14}")


def _plain_international(value: str) -> str:
    """A fast path for international numbers: the same answer as the full parser, or empty.

    No text is parsed: the country code is split off and the numbering plan asked. Numbers that may start with a
    trunk prefix go the long way.
    """
    number = value.translate(_SEPARATORS)
    if not _INTERNATIONAL.fullmatch(number):
        return ""
    if addresses.is_reserved(addresses.SMS, number):
        return number
    for size in (1, 2, 3):
        code = int(number[1 : 1 + size])
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            national = number[1 + size :]
            prefix = _trunk_prefix(code)
            if national.startswith("0") or (prefix is not None and prefix.match(national)):
                return ""
            parsed = phonenumbers.PhoneNumber(country_code=code, national_number=int(national))
            return number if phonenumbers.is_valid_number(parsed) else ""
    return ""


@lru_cache(maxsize=300)
def _trunk_prefix(code: int) -> re.Pattern[str] | None:
    region = phonenumbers.region_code_for_country_code(code)
    metadata = (
        phonenumbers.PhoneMetadata.metadata_for_nongeo_region(code)
        if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY
        else phonenumbers.PhoneMetadata.metadata_for_region(region)
    )
    pattern = metadata.national_prefix_for_parsing if metadata else None
    return re.compile(pattern) if pattern else None


def _with_prefix(value: str, digits: str, country: str) -> str:
    """A number that lost its +: 00… and bare country codes; a Russian 8 means 7."""
    if digits.startswith("00"):
        digits = digits[2:]
    elif len(digits) == 11 and digits.startswith("8") and country in {"RU", "KZ"}:
        digits = "7" + digits[1:]
    try:
        return addresses.normalise_phone("+" + digits)
    except Invalid as error:
        raise Invalid("phone", f"“{value[:40]}” is not a phone number.", code="phone_invalid") from error


def web_address(text: str) -> str:
    """A web address with its scheme, or empty when it is none. Only http and https."""
    value = one_line(text)
    if not value or " " in value or "." not in value:
        return ""
    if "://" not in value:
        value = f"https://{value.lstrip('/')}"
    return value[:2000] if re.match(r"^https?://[^/\s@]+\.[^/\s@]{2,}", value, re.IGNORECASE) else ""


def domain(text: str) -> str:
    """The host of a web or e-mail address in lower case without `www.`; empty when there is none."""
    value = one_line(text).casefold()
    value = value.rpartition("@")[2] if "@" in value and "://" not in value else value
    host = re.sub(r"^[a-z]+://", "", value).split("/")[0].split("?")[0].split(":")[0].removeprefix("www.").rstrip(".")
    return host if re.fullmatch(r"[\w-]+(\.[\w-]+)+", host) else ""


def profile(text: str) -> str:
    """The address of a network profile, comparable: host and path in lower case, no scheme, no query."""
    value = one_line(text)
    if not value:
        return ""
    match = re.match(r"^(?:https?://)?(?:[\w-]+\.)?(linkedin\.com/in/[^/?#\s]+)", value, re.IGNORECASE)
    if match:
        return match[1].casefold()
    match = re.match(r"^(?:https?://)?(?:www\.)?([\w.-]+\.[\w-]+(?::\d+)?/in/[^/?#\s]+)", value, re.IGNORECASE)
    if match:  # also as it stands in our own rows, without a scheme
        return match[1].casefold()
    match = re.match(r"^https?://(?:www\.)?([^/\s]+\.[^/\s]+/[^?#\s]+)", value, re.IGNORECASE)
    if match:
        return match[1].rstrip("/").casefold()
    raise Invalid("network", f"“{value[:60]}” is not a profile address.", code="profile_invalid")


def domain_of_email(address: str) -> str:
    """The company's domain behind an address, or empty for the domains of mail providers."""
    host = address.rpartition("@")[2]
    return "" if is_free_mail(host) else host
