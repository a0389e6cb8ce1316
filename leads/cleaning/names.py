"""Names of people and companies: capitals, honorifics, parts, what is left for a comparison. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from leads.cleaning.cells import DATA, MAX_SHORT_TEXT, key, one_line
from leads.cleaning.legal_forms import GERMAN, without_forms
from outreach.core.lists import read_list

_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "da", "di", "du", "la", "le", "del", "bin", "al", "zu", "оглы", "кызы"}
)
_PATRONYMIC = re.compile(r"(?:ович|евич|ич|овна|евна|ична|инична)$", re.IGNORECASE)
_HONORIFIC = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|dr|prof|herr|frau|sir|г-н|г-жа|господин|госпожа|д-р|h\.\s?c)\.?\s+)+", re.IGNORECASE
)

_SUFFIXES = frozenset(read_list(DATA / "name_suffixes.txt"))
_SHORT = frozenset({"Jr", "Sr", "II", "IV", "MD", "JD"})
"""Short suffixes that are no surnames when they are written so: Jack Ma and Kim Do keep theirs."""
_AROUND = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_BEHIND = re.compile(r"\s+[|•·/–—]\s*|\s+-\s+")
_SHOUTED = re.compile(r"^[^\W\d_]+(?:[-'’][^\W\d_]+)*$")


def person_name(text: str) -> str:
    """A name with natural capitals when it was written all in one case, without honorifics."""
    return _natural(_HONORIFIC.sub("", one_line(text)))


def _natural(name: str) -> str:
    name = name.strip(' ,;"«»“”')[:MAX_SHORT_TEXT]
    if not name:
        return name
    if not name.isupper() and not name.islower():
        first, *others = name.split(" ")
        quiet = [_capitalised(word.lower()) if _is_shouted(word) else word for word in others]
        return " ".join([_capitalised(first) if first.islower() else first, *quiet])
    if len(name) <= 2:
        return name.upper()
    return " ".join(_capitalised(word) for word in name.lower().split(" "))


def _is_shouted(word: str) -> bool:
    """Whether a surname is in capitals, as the French write theirs; not initials and degrees."""
    return len(word) > 2 and word.isupper() and bool(_SHOUTED.match(word)) and not _is_suffix(word)


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


def bare_name(full_name: str) -> str:
    """A name without what profiles put around it: "Jane Doe, PhD | Acme (hiring)" is "Jane Doe"."""
    if len(full_name) > MAX_SHORT_TEXT:
        return full_name
    name = _AROUND.sub(" ", full_name)
    name = _BEHIND.split(name, maxsplit=1)[0].strip() or name
    parts = [part.strip() for part in name.split(",")]
    kept = [part for part in parts[1:] if not all(_is_suffix(word) for word in part.split()) and not _is_suffix(part)]
    words = parts[0].split()
    if len(words) == 1 and not kept:
        kept = parts[1:2]  # "Smith, J.D." has initials
    while (
        len(words) > 2 and _is_suffix(words[-1]) and (len(words[-1].strip(".")) > 2 or words[-1].strip(".") in _SHORT)
    ):
        words.pop()
    return ", ".join([" ".join(words), *filter(None, kept)]) if words else full_name


def _is_suffix(word: str) -> bool:
    plain = word.lower().strip(". ")
    return plain.replace(".", "") in _SUFFIXES or " ".join(plain.replace(".", " ").split()) in _SUFFIXES


def split_name(full_name: str) -> tuple[str, str]:
    """(first name, last name) of a cleaned name. "Last, First", "Фамилия Имя" and "Фамилия Имя Отчество" are known."""
    full_name = bare_name(full_name)
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
_EAST_ASIAN = re.compile(
    "^(?:株式会社|有限会社|合同会社|주식회사)|(?:株式会社|有限会社|合同会社|(?:股份|责任)?有限公司|有限責任公司|주식회사)$"
)
"""Legal forms that are written without a blank."""
_UMLAUT = re.compile(r"(?<=[b-df-hj-np-tv-z])([aou])e(?=[b-df-hj-np-tv-z])")


@lru_cache(maxsize=20_000)
def company_key(name: str) -> str:
    """What equal companies share: the name in `key` form without legal forms at either end and without "and".

    A name that is nothing but legal forms stays as it is. "Spa" is a bath unless it is written like the Italian form.
    In names with a German form or letter ue is ü.
    """
    plain = _SPA.sub(" s p a", (_EAST_ASIAN.sub("", name) or name).translate(_QUOTES))
    words, forms = without_forms(key(plain.replace("&", " & ")).split())
    kept = [word for place, word in enumerate(words) if word not in _AND or place in (0, len(words) - 1)]
    if forms & GERMAN:
        kept = [_UMLAUT.sub(r"\1", word) for word in kept]
    return " ".join(kept)


def legal_forms(name: str) -> set[str]:
    """The legal forms at the ends of a name; empty for a place or a person."""
    words = key(name.translate(_QUOTES)).split()
    return without_forms(words)[1] if len(words) > 1 else set()
