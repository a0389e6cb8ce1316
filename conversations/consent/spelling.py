"""One spelling for what people type: case, accents, look-alike letters, invisible marks, spaced and repeated letters. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f\x00]")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[a-z]")
_LOOKS_LATIN = frozenset("аеорсухіјѕтвнкм")
_TO_LATIN = str.maketrans("аеорсухіјѕтвнкм", "aeopcyxijstbhkm")
_TO_CYRILLIC = str.maketrans("aeopcyxtbhkm", "аеорсухтвнкм")
_MARKS = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"'})
_SPACED = re.compile(r"\b[^\W\d_](?:[ .\-_*·,/]{1,3}[^\W\d_]\b){2,}")
_SEPARATORS = re.compile(r"[ .\-_*·,/]+")


def fold(text: str) -> str:
    """Lower case, plain quotes, no accents, no invisible marks, one script a word, no letter more than twice in a row."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_MARKS).lower()
    if not text.isascii():
        text = "".join(map(_without_accent, text))
        text = _WORD.sub(lambda match: _in_one_script(match[0]), text)
    return _REPEATED.sub(r"\1\1", text)


def join_spaced(folded: str) -> str:
    """The same text with "s t o p" and "s.t.o.p" written as one word."""
    return _SPACED.sub(lambda match: _SEPARATORS.sub("", match[0]), folded)


@lru_cache(maxsize=4096)
def _without_accent(character: str) -> str:
    if character in "йё":
        return "е" if character == "ё" else character
    return "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c)) or character


def _in_one_script(word: str) -> str:
    """A word that mixes Latin and Cyrillic letters: in Latin when every Cyrillic letter looks like one, else in Cyrillic."""
    cyrillic = set(_CYRILLIC.findall(word))
    if not cyrillic or not _LATIN.search(word):
        return word
    return word.translate(_TO_LATIN if cyrillic <= _LOOKS_LATIN else _TO_CYRILLIC)
