"""Western or Central European: which of two code pages a text in Latin letters was written in. Pure.

The two pages share most accented letters. Where they differ, each reading is scored by how common its letters are in
the languages of its page (rounded shares of the accented letters in Wikipedia's French, Spanish, Portuguese, Danish,
Swedish, Polish, Czech, Hungarian, Romanian and Croatian editions); a sign in the middle of a word is no letter of any.
"""

from __future__ import annotations

import math
import re

WESTERN, CENTRAL = "cp1252", "cp1250"
_SHARES = {
    WESTERN: {
        "è": 0.05, "à": 0.06, "ê": 0.04, "ñ": 0.05, "ã": 0.06, "å": 0.05, "ø": 0.05, "æ": 0.03, "õ": 0.02, "û": 0.01,
        "ò": 0.01, "ì": 0.003, "ù": 0.004, "ï": 0.004, "ÿ": 0.0001, "ð": 0.008, "þ": 0.03, "œ": 0.005,
    },
    CENTRAL: {
        "č": 0.05, "ę": 0.04, "ř": 0.05, "ě": 0.06, "ů": 0.03, "ł": 0.06, "ą": 0.04, "ś": 0.03, "ż": 0.04, "ć": 0.03,
        "ń": 0.01, "ő": 0.03, "ű": 0.01, "ă": 0.05, "ş": 0.02, "ţ": 0.02, "đ": 0.01, "ň": 0.003, "ď": 0.003, "ť": 0.003,
        "ź": 0.005, "ľ": 0.01, "ĺ": 0.0005, "ŕ": 0.0003,
    },
}  # fmt: skip
_RARE, _SIGN = 0.0005, 0.00001
_STRANGERS = {"ø": "áíýšž"}
"""A letter that no language writes beside these: there it is an ř in the other page."""
_IN_WORD = re.compile(r"(?<=[^\W\d_])[^\s\w,;:.()/&'\"-](?=[^\W\d_])")


def is_western(sample: bytes) -> bool:
    """Whether `sample` reads at least as well in the Western page as in the Central European one."""
    return _score(sample, WESTERN) >= _score(sample, CENTRAL)


def _score(sample: bytes, page: str) -> float:
    text, other = (sample.decode(name, "replace") for name in (page, CENTRAL if page == WESTERN else WESTERN))
    signs = {match.start() for match in _IN_WORD.finditer(text)}
    shares = _SHARES[page]
    return sum(
        math.log(
            _SIGN if place in signs else _RARE if _is_stranger(letter, text) else shares.get(letter.lower(), _RARE)
        )
        for place, (letter, rival) in enumerate(zip(text, other, strict=True))
        if letter != rival and (letter.isalpha() or rival.isalpha())
    )


def _is_stranger(letter: str, text: str) -> bool:
    return any(company in text for company in _STRANGERS.get(letter.lower(), ""))
