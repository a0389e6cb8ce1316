"""Word and phrase matching that means the same in Python and in Postgres.

A term matches whole words, whatever the case: “CTO” is found in “CTO & founder” and not in “Director”. A trailing
`*` matches the beginning of a word: “финтех*” finds “финтеха”. Texts are given in lower case. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_WORD = r"0-9a-z_\u00c0-\u1fff\u2c00-\ud7ff"
"""Letters and digits by code point: both engines read ranges so, whatever the locale or collation."""
_SPACE = r"[ \t\n\r\u00a0]"
_LEFT = rf"(?:\A|[^{_WORD}])"
_RIGHT = rf"(?:\Z|[^{_WORD}])"
_IS_WORD = re.compile(rf"[{_WORD}]")
_SPACES = re.compile(rf"{_SPACE}+")


def clean(term: str) -> str:
    """`term` in lower case with single spaces: the form that is compared and hashed."""
    return _SPACES.sub(" ", term).strip(" ").lower()


def is_usable(term: str) -> bool:
    """Whether `term` holds anything to look for besides the `*`."""
    return bool(clean(term).rstrip("*").strip())


def pattern(terms: Iterable[str]) -> str:
    """One regular expression for both engines that finds any of `terms` in a text in lower case.

    An edge that is not a letter or digit (“.net”, “c++”) needs no word boundary.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for term in sorted({clean(term) for term in terms}):
        stem = term.rstrip("*").strip()
        if not stem:
            continue
        left = _LEFT if _IS_WORD.match(stem[0]) else ""
        right = "" if term.endswith("*") or not _IS_WORD.match(stem[-1]) else _RIGHT
        body = rf"{_SPACE}+".join(re.escape(word) for word in stem.split(" "))
        groups.setdefault((left, right), []).append(body)
    return "|".join(f"{left}(?:{'|'.join(bodies)}){right}" for (left, right), bodies in sorted(groups.items()))


def substrings(terms: Iterable[str]) -> list[str]:
    """For each term a text that every match contains: lets a cheap substring search go before the expression."""
    stems = (clean(term).rstrip("*").strip() for term in terms)
    return sorted({max(stem.split(" "), key=len) for stem in stems if stem})


@lru_cache(maxsize=512)
def _compiled(terms: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(pattern(terms))


_WORDS = re.compile(rf"[{_WORD}]+")


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORDS.findall(text)


def whole_words(term: str) -> list[str]:
    """Words that every text which `term` (cleaned) matches has as whole words; none for “develop*” or “c++”."""
    stem = term.rstrip("*").strip()
    found = [(match.start(), match.end(), match.group()) for match in _WORDS.finditer(stem)]
    is_open_end = term.endswith("*")
    return [word for _start, end, word in found if not (is_open_end and end == len(stem))]


@lru_cache(maxsize=20_000)
def _body(stem: str) -> re.Pattern[str]:
    """The words of a stem with any spaces between them, without the boundaries: those are dear to compile."""
    return re.compile(rf"{_SPACE}+".join(re.escape(word) for word in stem.split(" ")))


def find_cleaned(term: str, text: str) -> bool:
    """Whether `term` (cleaned) occurs in `text` (lower case); faster than `find` for one of thousands of terms."""
    stem = term.rstrip("*").strip()
    if not stem:
        return False
    needs_left = _IS_WORD.match(stem[0]) is not None
    needs_right = not term.endswith("*") and _IS_WORD.match(stem[-1]) is not None
    body, position = _body(stem), 0
    while match := body.search(text, position):
        start, end = match.span()
        is_left = not (needs_left and start and _IS_WORD.match(text[start - 1]))
        if is_left and not (needs_right and end < len(text) and _IS_WORD.match(text[end])):
            return True
        position = start + 1
    return False


@lru_cache(maxsize=4_096)
def _expression(terms: tuple[str, ...]) -> tuple[re.Pattern[str] | None, list[str]]:
    """What finds any of `terms`, and texts of which every match contains one; None when there is nothing to look for."""
    usable = tuple(sorted({clean(term) for term in terms if is_usable(term)}))
    return (_compiled(usable), substrings(usable)) if usable else (None, [])


def find(terms: Iterable[str], text: str) -> bool:
    """Whether any of `terms` occurs in `text` (any case)."""
    expression, parts = _expression(tuple(terms))
    lowered = text.lower()
    return expression is not None and any(part in lowered for part in parts) and expression.search(lowered) is not None


def occurrences(term: str, text: str) -> int:
    """How often `term` stands in `text` (any case), neighbours sharing one separator counted as well."""
    expression, _parts = _expression((term,))
    lowered, count, position = text.lower(), 0, 0
    if expression is None:
        return 0
    while match := expression.search(lowered, position):
        count += 1
        position = max(match.end() - 1, match.start() + 1)
    return count
