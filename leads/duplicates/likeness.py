"""Whether two names can be two spellings of one person's name. Pure.

Names are keys of `leads.cleaning.cells.key`: lower case, no accents, words separated by single blanks.
"""

from __future__ import annotations

import re

_SPELLINGS = (
    (re.compile(r"([aou])e"), r"\1"),
    (re.compile("ph"), "f"),
    (re.compile("ck?"), "k"),
    (re.compile("ss"), "s"),
    (re.compile("[yj]"), "i"),
    (re.compile("ts"), "z"),
)
_ENDINGS = frozenset("aeo")
"""A last letter that makes another name of one: Denis and Denise, Martin and Martina."""
_LONG = 5
"""Letters that a word needs before one slip is taken for a slip."""


def is_one_name(one: str, other: str) -> bool:
    """The same words in any order, with a middle name, an initial, another transliteration, or one slip of the pen."""
    a, b = sorted(one.split(), key=len), sorted(other.split(), key=len)
    if len(a) > len(b):
        a, b = b, a
    if len(a) < 2:
        return a == b != []
    if sorted(a) == sorted(b) or sorted(map(_folded, a)) == sorted(map(_folded, b)):
        return True
    left_a, left_b = _without_common(a, b)
    if len(left_a) == len(a):  # not one word in common
        return False
    if not left_a:
        return True  # the other has middle names
    if len(left_a) > 1:
        return False
    return any(_is_initial(left_a[0], word) or (len(a) == len(b) and _is_slip(left_a[0], word)) for word in left_b)


def may_be_one(one: str, other: str) -> bool:
    """The same, or a first or last name alone that the other has: enough where an address speaks for it too."""
    words = set(one.split()), set(other.split())
    alone = min(words, key=len)
    return is_one_name(one, other) or (len(alone) == 1 and alone <= max(words, key=len))


def _folded(word: str) -> str:
    for pattern, plain in _SPELLINGS:
        word = pattern.sub(plain, word)
    return word


def _without_common(a: list[str], b: list[str]) -> tuple[list[str], list[str]]:
    """The words of each that the other has not; initials never count as common."""
    left_a, left_b = [], list(b)
    for word in a:
        twin = next((w for w in left_b if len(word) > 1 and _folded(w) == _folded(word)), None)
        if twin is None:
            left_a.append(word)
        else:
            left_b.remove(twin)
    return left_a, left_b


def _is_initial(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and long.startswith(short)


def _is_slip(one: str, other: str) -> bool:
    """One letter more, less or different, or two swapped, in a long word and not in its last vowel."""
    short, long = sorted((one, other), key=len)
    if len(short) < _LONG or len(long) - len(short) > 1:
        return False
    place = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    if len(short) < len(long):
        is_ending = place == len(short) and long[-1] in _ENDINGS
        return long[place + 1 :] == short[place:] and not is_ending
    is_ending = place == len(short) - 1 and {short[-1], long[-1]} <= _ENDINGS
    is_swapped = short[place : place + 2] == long[place : place + 2][::-1] and short[place + 2 :] == long[place + 2 :]
    return (short[place + 1 :] == long[place + 1 :] or is_swapped) and not is_ending
