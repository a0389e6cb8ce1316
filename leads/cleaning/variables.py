"""What of a record may stand in a sentence that we sign. Pure: no Django, no database.

A record is kept as it came; a text gets the cleaned value, or none at all, and then its fallback. `note` says why the
two differ; the reviewer sees it beside the fact.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from leads.cleaning import cells, names
from leads.cleaning.legal_forms import without_forms
from outreach.core.lists import read_list

DATA = Path(__file__).parent / "data"
MAX_NAME = 30
MAX_TITLE = 48
MAX_COMPANY = 60
MAX_PLACE = 60

_ACRONYMS = frozenset(read_list(DATA / "title_acronyms.txt"))
_TITLE_WORDS = frozenset(read_list(DATA / "title_words.txt"))
_FOREIGN_TITLE_WORDS = frozenset(read_list(DATA / "title_words_foreign.txt"))
_SHORTENED_TITLES = {
    "sr": "senior", "jr": "junior", "dir": "director", "mgr": "manager", "asst": "assistant", "assoc": "associate", "exec": "executive",
}  # fmt: skip
_SHORT_WORDS = frozenset(read_list(DATA / "short_words.txt"))
_SMALL_WORDS = frozenset({"and", "of", "the", "for", "in", "on", "at", "to", "by", "und", "de", "и", "в", "по", "на"})


def _sections(path: Path) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in read_list(path):
        if line.startswith("["):
            found[name := line.strip("[]")] = set()
        else:
            found[name].add(line)
    return {name: frozenset(words) for name, words in found.items()}


_NO_VALUES = _sections(DATA / "not_names.txt")
_SHARED_MAILBOXES = frozenset(read_list(DATA / "shared_mailboxes.txt"))
_LATIN = re.compile(r"[a-zà-ɏ]", re.IGNORECASE)
_CYRILLIC = re.compile("[а-яёіїєґў]", re.IGNORECASE)
_MIXED_WORD = re.compile(r"(?=\w*[a-zà-ɏ])(?=\w*[а-яёіїєґў])\w+", re.IGNORECASE)
_OTHER_SYMBOLS = re.compile(r"[®™©℠\ufffd]|[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f]")
_FUNCTION = re.compile(r"\b[A-Z]{3,}\(|\bcmd\b\s*\||\|\s*cmd\b|<\s*script|\{\{|\{%|\$\{", re.IGNORECASE)
_MOJIBAKE = re.compile(r"[ÃÂ][\u0080-\u00bf–—‚„…†‡ˆ‰Š‹ŒŽ‘’“”•™š›œž]|Ð[\u0080-\u00bf°±]|ï¿½")
_DOMAIN = re.compile(r"\b(?!(?:node|vue|react|next|nuxt|three|d3|asp)\.)[\w-]{2,}\.[a-z]{2,}\b/?", re.IGNORECASE)
"""Booking.com is a company and Node.js a skill; a domain inside a name, or with a path, is a link."""
_NAME = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+){0,2}")
_BRACE = re.compile(r"[{}]")
"""No name has one: something that was to be filled in, or choices of words."""


@dataclass(frozen=True)
class Clean:
    """A value for a sentence; empty when it counts as not known. `note` is a code of `NOTES`, empty when unchanged."""

    value: str
    note: str = ""


NOTES = (
    "formula", "placeholder", "mixed_alphabet", "other_language", "not_a_name", "too_long", "broken", "legal_form",
    "capitals", "tidied",
)  # fmt: skip
"""Why a value was changed or left out."""


def clean(name: str, text: str, *, language: str = "") -> Clean:
    """The value of the variable `name` from the record's `text`, for a text in `language` (empty: any).

    Names without a rule of their own are single lines that are neither formulas nor placeholders.
    """
    return _cached(name, text, language)


@lru_cache(maxsize=20_000)
def _cached(name: str, text: str, language: str) -> Clean:
    if not text or not text.strip():
        return Clean("")
    if note := _unusable(text):
        return Clean("", note)
    line = _line(text)
    rule = _RULES.get(name)
    if rule and _BRACE.search(line):
        return Clean("", "placeholder")
    found = rule(line, language) if rule else _plain(line, language)
    if found.value.startswith(("=", "+", "@")):
        return Clean("", "formula")
    if found.value and not found.note and found.value != text:
        return Clean(found.value, "tidied")
    return found


def _unusable(text: str) -> str:
    """Why the cell can be no value at all."""
    if cells.is_formula(text.strip().lstrip("'")) or _FUNCTION.search(text):
        return "formula"
    if "\ufffd" in text or (_MOJIBAKE.search(text) and not _repaired(text)):
        return "broken"
    line = _line(text)
    compared = cells.key(line)
    if not compared or line.casefold() in cells.NOTHING or compared in _NO_VALUES["anything"]:
        return "placeholder"
    if re.fullmatch(r"(\w)\1{2,}", compared) or re.fullmatch(r"\W*[\[<({].*[\]>)}]\W*", line):
        return "placeholder"
    if _MIXED_WORD.search(line):
        return "mixed_alphabet"
    return ""


def _line(text: str) -> str:
    """One line, as a person would type it: entities, emoji, trade marks and wrong bytes are put right."""
    text = html.unescape(_repaired(text) or text)
    text = unicodedata.normalize("NFC", _OTHER_SYMBOLS.sub(" ", text))
    return cells.one_line(text).strip(" ,;|•·*_~")


def _repaired(text: str) -> str:
    """UTF-8 that was read as cp1252, read again; empty when it is not that."""
    if not _MOJIBAKE.search(text):
        return ""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return ""


def _alphabet_fault(value: str, language: str) -> bool:
    """Whether the letters cannot stand in a text of `language`. Company names may be Latin in Russian."""
    if not any(c.isalpha() for c in value):
        return False
    if language == "en":
        return not all(_LATIN.match(c) for c in value if c.isalpha())
    if language == "ru":
        return not all(_LATIN.match(c) or _CYRILLIC.match(c) for c in value if c.isalpha())
    return False


# names of people


def _person(line: str, language: str) -> Clean:
    name = names.person_name(line).strip(" .,")
    if len(name) > MAX_NAME or not _NAME.fullmatch(name) or _is_no_word(name):
        return Clean("", "not_a_name")
    words = cells.key(name).split()
    if " ".join(words) in _NO_VALUES["person"] | _SHARED_MAILBOXES or any(
        w in _NO_VALUES["person"] | _ACRONYMS for w in words
    ):
        return Clean("", "placeholder")
    if _alphabet_fault(name, language) or (language == "ru" and not _CYRILLIC.search(name)):
        return Clean("", "other_language")
    return Clean(name, "capitals" if name != line and name.casefold() == line.casefold() else "")


def _is_no_word(name: str) -> bool:
    """An initial, letters of one keyboard row, or consonants only."""
    letters = "".join(c for c in cells.key(name) if c.isalpha())
    return len(letters) < 2 or (len(letters) >= 4 and letters.isascii() and not re.search("[aeiouy]", letters))


# job titles


_FIRST_ROLE = re.compile(r"\s*[|•·/;\n–—]\s*|\s+[-@]\s+|,\s+|\s+(?:at|в компании|в ООО|bei|chez)\s+(?=[A-ZА-ЯЁ«\"])")


def _title(line: str, language: str) -> Clean:
    first = _FIRST_ROLE.split(re.sub(r"\([^)]*\)", " ", line), maxsplit=1)[0].strip(" .,-")
    first = re.sub(r"\b([RLM])\s?&\s?([DA])\b", r"\1&\2", first)
    words = first.split()
    if not words or not any(c.isalpha() for c in first):
        return Clean("", "not_a_name")
    if (
        len(first) > MAX_TITLE
        or len(words) > 6
        or re.search(r"\d{2,}|[!?@#\"«»:]|https?", first)
        or _DOMAIN.search(first)
    ):
        return Clean("", "too_long" if len(first) > MAX_TITLE or len(words) > 6 else "not_a_name")
    if cells.key(first) in _NO_VALUES["company"] | _NO_VALUES["person"] - _TITLE_WORDS and len(words) == 1:
        return Clean("", "placeholder")
    if _is_foreign_title(words, language):
        return Clean("", "other_language")
    words = [_SHORTENED_TITLES.get(word.casefold().strip(".,"), word) for word in words]
    if any(re.fullmatch(r"[а-яё-]{2,}\.,?", word, re.IGNORECASE) for word in words):
        return Clean("", "not_a_name")  # «зам. дир. по пр-ву» is no way to speak to anyone
    title = " ".join(_cased(words, is_shouted=first.isupper()))
    title = re.sub(r"\s+[&+]\s+", " и " if _CYRILLIC.search(title) else " and ", title)
    title = re.sub(r"\b([SEA]?VP) (?!(?:and|of|for|in|at|to)\b)(?=[^\W\d_])", r"\1 of ", title)
    return Clean(title, "" if title == line else "tidied" if title.casefold() != line.casefold() else "capitals")


def _is_foreign_title(words: list[str], language: str) -> bool:
    text = " ".join(words)
    acronyms_only = all(word.casefold().strip(".,&") in _ACRONYMS for word in words)
    if language == "ru":
        return not acronyms_only and not _CYRILLIC.search(text)
    if language == "en":
        plain = [cells.key(word) for word in words]
        return _alphabet_fault(text, "en") or not text.isascii() or any(w in _FOREIGN_TITLE_WORDS for w in plain)
    return False


def _cased(words: list[str], *, is_shouted: bool) -> list[str]:
    """Words of a title as they are written inside a sentence."""
    is_title_case = all(word[:1].isupper() for word in words if word.casefold() not in _SMALL_WORDS)
    return [_cased_word(word, n, is_shouted=is_shouted, is_title_case=is_title_case) for n, word in enumerate(words)]


def _cased_word(word: str, place: int, *, is_shouted: bool, is_title_case: bool) -> str:
    bare = word.strip(".,&()")
    low = bare.casefold()
    if low in _ACRONYMS:
        return word.replace(bare, _acronym(bare))
    if not (bare.isupper() or bare.islower() or bare.istitle()) and "-" not in bare:
        return word  # DevOps, PhD
    if "-" in bare and (
        _CYRILLIC.search(bare) or all(p.casefold() in _TITLE_WORDS | _ACRONYMS for p in bare.split("-"))
    ):
        return "-".join(_acronym(p) if p.casefold() in _ACRONYMS else p.lower() for p in word.split("-"))
    if low in _TITLE_WORDS or low in _SMALL_WORDS:
        return word.lower()
    if _CYRILLIC.search(bare):
        is_name = place > 0 and bare[:1].isupper() and not bare.isupper() and not is_title_case
        is_short = bare.isupper() and not is_shouted and len(bare) <= 4
        return word if is_name or is_short or _is_country(bare) else word.lower()
    if is_shouted:
        return word.capitalize()
    return word


def _acronym(word: str) -> str:
    return {"saas": "SaaS", "ios": "iOS"}.get(word.casefold(), word.upper())


def _is_country(word: str) -> bool:
    return cells.key(word) in _COUNTRY_NAMES


_COUNTRY_NAMES = frozenset(cells._COUNTRY_KEYS) | {"россии", "украине", "казахстану", "беларуси", "снг", "европе"}


# companies


_JOINED = re.compile(r"\s+(?:[-–—|•·:]|d/?b/?a|t/a|trading as|aka)\s+", re.IGNORECASE)
_JOINERS = frozenset({"", "and", "und", "et"})
_COMPANY_WORDS = frozenset({"co", "cie", "company"})
_SOLE_TRADER = re.compile(
    r"(?:ИП|индивидуальный предприниматель)\s+[А-ЯЁ][а-яё-]+\s+(?:[А-ЯЁ]\.?(?:\s*[А-ЯЁ]\.?)?|[А-ЯЁ][а-яё]+\s+[А-ЯЁ][а-яё]+)",
    re.IGNORECASE,
)
"""A person under their own name: nobody calls that a company."""
_QUOTED = re.compile(r"[«\"“„]([^«»\"“”„]{2,})[»\"”“]")


def _company(line: str, language: str) -> Clean:
    if cells.key(line) in _NO_VALUES["company"] | _NO_VALUES["person"]:
        return Clean("", "placeholder")
    if _SOLE_TRADER.fullmatch(line):
        return Clean("", "not_a_name")
    name, note = _without_legal_form(line)
    if not name or not any(c.isalnum() for c in name) or cells.key(name) in _NO_VALUES["company"]:
        return Clean("", "placeholder")
    domain = _DOMAIN.search(name)
    if re.search(r"https?://|@|^\d+$", name) or (domain and (domain.start() or domain[0].endswith("/"))):
        return Clean("", "not_a_name")
    if len(name) > MAX_COMPANY:
        return Clean("", "too_long")
    if _alphabet_fault(name, language):
        return Clean("", "other_language")
    quiet = _in_russian(_quiet(name)) if language == "ru" else _quiet(name)
    return Clean(quiet, note or ("capitals" if quiet != name else "" if quiet == line else "tidied"))


def _without_legal_form(line: str) -> tuple[str, str]:
    """(the name as people say it, `legal_form` when one was taken off)."""
    parts = [part for part in _JOINED.split(line) if part.strip()]
    is_named_anew = bool(re.search(r"\s(?:d/?b/?a|t/a|trading as)\s", line, re.IGNORECASE))
    text = (parts[-1] if is_named_anew else parts[0]) if parts else line
    quoted = _QUOTED.findall(text)
    if len(quoted) == 1 and (_CYRILLIC.search(text) or not _kept_tokens(_QUOTED.sub(" ", text).split())[0]):
        return quoted[0].strip(" .,"), "legal_form"  # ООО «Ромашка», завод «Прогресс»
    text = re.sub(r"\s*\([^)]*\)", "", text) or text
    tokens = text.replace("«", " ").replace("»", " ").replace(",", " ").split()
    kept, is_cut = _kept_tokens(tokens)
    name = " ".join(kept).strip(" ,;.&+-\"'“”„")
    name = re.sub(r"\s+(?:&|\+|and|und|et)$", "", name)
    return name, "legal_form" if is_cut else ""


def _kept_tokens(tokens: list[str]) -> tuple[list[str], bool]:
    """The tokens that are no legal form; "& Co" alone stays, since people say it. None when all are forms."""
    words = [(word, n) for n, token in enumerate(tokens) for word in cells.key(token.replace("&", " & ")).split()]
    plain = [word for word, _n in words]
    if not plain:
        return tokens, False
    is_form = plain[-1] not in _COMPANY_WORDS and without_forms(["zzz", plain[-1]])[0] == ["zzz"]
    if plain[0] == "the" and len(tokens) > 2 and is_form:
        return tokens[:-1], True  # The Coffee Company LLC
    whole, _forms = without_forms(plain)
    if whole == plain or plain[0] == "the":
        is_only_form = plain[0] != "the" and len(plain) <= 4 and without_forms(["zzz", *plain])[0] == ["zzz"]
        return ([], True) if is_only_form else (tokens, False)
    start = next(n for n in range(len(plain)) if plain[n : n + len(whole)] == whole)
    places = {n for _word, n in words[start : start + len(whole)]}
    last = max(places)
    behind = [cells.key(token) for token in tokens[last + 1 : last + 3]]
    joins = [cells.key(tokens[last]), *behind]
    if joins[0] in _JOINERS and joins[1:2] and joins[1] in _COMPANY_WORDS:
        places.add(last + 1)
    elif joins[1:2] and joins[1] in _JOINERS and joins[2:] and joins[2] in _COMPANY_WORDS:
        places |= {last + 1, last + 2}  # Kettle & Co.
    kept = [token for n, token in enumerate(tokens) if n in places or (min(places) < n < max(places))]
    return kept, len(kept) < len(tokens)


def _in_russian(name: str) -> str:
    """A Russian name in the quotation marks that it has inside a sentence; abbreviations and Latin names have none."""
    if not _CYRILLIC.search(name) or (name.isupper() and len(name) <= 5):
        return name
    return f"«{name}»"


def _quiet(name: str) -> str:
    """A name that is written in capitals, with natural ones. Abbreviations stay: IBM, BMW Group, AB Solutions."""
    letters = [c for c in name if c.isalpha()]
    words = name.split()
    if len(letters) < 5 or not name.isupper():
        if name.islower() and len(words) > 1:
            return " ".join(w if w in _SMALL_WORDS else w[:1].upper() + w[1:] for w in words)
        return name
    return " ".join(_quiet_word(word, is_first=n == 0) for n, word in enumerate(words))


def _quiet_word(word: str, *, is_first: bool) -> str:
    low = word.lower()
    if low in _SMALL_WORDS and not is_first:
        return low
    return "-".join(part if _is_abbreviation(part) else part[:1] + part[1:].lower() for part in re.split("-", word))


def _is_abbreviation(part: str) -> bool:
    letters = "".join(c for c in part.lower() if c.isalpha())
    if part.lower() in _SHORT_WORDS:
        return False
    has_vowel = bool(re.search("[aeiouyаеёиоуыэюя]", letters))
    return len(letters) <= 3 or not has_vowel or any(c.isdigit() for c in part) or "." in part[:-1]


# places, industries and the rest


def _place(line: str, language: str) -> Clean:
    place = re.split(r"[,(/|]", line)[0].strip(" .")
    if len(place) > MAX_PLACE or not any(c.isalpha() for c in place) or re.search(r"\d{3,}|[@!?]", place):
        return Clean("", "not_a_name")
    if _alphabet_fault(place, language) or (language == "ru" and not _CYRILLIC.search(place)):
        return Clean("", "other_language")
    quiet = names.person_name(place) if place.isupper() or place.islower() else place
    return Clean(quiet, "capitals" if quiet != place else "")


def _industry(line: str, language: str) -> Clean:
    if len(line) > MAX_PLACE or re.search(r"\d{3,}|[@!?]", line) or not any(c.isalpha() for c in line):
        return Clean("", "not_a_name")
    if _is_foreign_title(line.split(), language):
        return Clean("", "other_language")
    value = " ".join(
        _acronym(w) if w.casefold() in _ACRONYMS else w if w.isupper() and not line.isupper() else w.lower()
        for w in line.split()
    )
    return Clean(value, "capitals" if value != line else "")


def _plain(line: str, language: str) -> Clean:
    if _alphabet_fault(line, language):
        return Clean("", "other_language")
    return Clean(line.rstrip(" ."))


_RULES: dict[str, Callable[[str, str], Clean]] = {
    "first_name": _person,
    "last_name": _person,
    "full_name": _person,
    "title": _title,
    "company_name": _company,
    "city": _place,
    "industry": _industry,
}
