"""Which texts differ only in filled-in values: a text with its values taken out, put back, or marked. Pure.

A value stands where it was filled in, written exactly as it is known, between word boundaries. A name that is also a
word of the text ("Will") takes the word for a value: that text is then like no other, and is read by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from outreach.core.hashing import canonical_hash

SLOTS = ("company_name", "title", "first_name", "city", "industry", "sender_name")
"""Facts that are filled in as they are: short values of a record, no sentences of a source."""
LONGEST = {"first_name": 30, "title": 70, "company_name": 70}
LONGEST_OTHER = 60
LETTERS_OF_A_SHOUT = 5

_SLOT = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_STRANGE = re.compile(r"[={}<>\[\]|\\@#$%^*_~;?!\"“”\x00-\x1f\ufffd]|https?:|^[-+]|\d{5,}|\.\.")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LATIN = re.compile("[a-z]", re.IGNORECASE)


@dataclass(frozen=True)
class Piece:
    """A part of a text: fixed words, or the value of `slot`."""

    text: str
    slot: str = ""


def values_of(facts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The values that a text was filled in with, by name, from the facts that it used."""
    found = {str(fact.get("name")): str(fact.get("value") or "") for fact in facts}
    return {name: found[name] for name in SLOTS if found.get(name)}


def split(text: str, values: Mapping[str, str]) -> list[Piece]:
    """`text` in parts, the longest value first where two begin at one place."""
    names: dict[str, str] = {}
    for name, value in values.items():
        names.setdefault(value, name)
    if not names:
        return [Piece(text)] if text else []
    choice = "|".join(re.escape(value) for value in sorted(names, key=len, reverse=True))
    pieces, last = [], 0
    for match in re.finditer(rf"(?<!\w)(?:{choice})(?!\w)", text):
        if match.start() > last:
            pieces.append(Piece(text[last : match.start()]))
        pieces.append(Piece(match[0], names[match[0]]))
        last = match.end()
    return [*pieces, Piece(text[last:])] if last < len(text) else pieces


def template_of(text: str, values: Mapping[str, str]) -> str:
    """`text` with `{{ name }}` in the place of each value."""
    return "".join(f"{{{{ {piece.slot} }}}}" if piece.slot else piece.text for piece in split(text, values))


def slots_in(template: str) -> list[str]:
    """The names in `template`, each once, in the order of their first use."""
    return list(dict.fromkeys(_SLOT.findall(template)))


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with its values. Raises `KeyError` for a name without one."""
    return _SLOT.sub(lambda match: values[match[1]], template)


def key_of(*, variant: str, language: str, subject: str, body: str, values: Mapping[str, str]) -> str:
    """The same for all texts that differ in their values only."""
    return canonical_hash([variant, language, template_of(subject, values), template_of(body, values)])


def is_odd(name: str, value: str) -> bool:
    """Whether a person should look at a value in its text: too long, no words, shouted, mixed scripts, or a formula."""
    letters = [character for character in value if unicodedata.category(character).startswith("L")]
    return (
        not letters
        or len(value) > LONGEST.get(name, LONGEST_OTHER)
        or bool(_STRANGE.search(value))
        or (name == "first_name" and any(character.isdigit() for character in value))
        or (len(letters) >= LETTERS_OF_A_SHOUT and all(letter.isupper() for letter in letters))
        or any(bool(_CYRILLIC.search(word)) and bool(_LATIN.search(word)) for word in value.split())
    )


def fits(language: str, value: str) -> bool:
    """Whether a value is written in the letters of its text: no Cyrillic title in English words."""
    return language == "ru" or not _CYRILLIC.search(value)
