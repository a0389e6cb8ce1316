"""What a colleague's note on a draft asks for, as far as rules understand it, in English and Russian. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_NOTE = 500
_SHORTER = re.compile(
    r"\b(?:short\w*|brief\w*|concise|less text|trim)\b|\b(?:короче|покороче|кратк\w+|короткo?\w*|сократи\w*)\b",
    re.IGNORECASE,
)
_PRICE = re.compile(r"\b(?:pric\w+|cost\w*|fees?)\b|\b(?:цен\w+|стоимост\w+|прайс\w*|тариф\w*)\b", re.IGNORECASE)
_LINK = re.compile(
    r"\b(?:booking )?(?:link|calendar|call)\b|\b(?:ссылк\w+|календар\w+|созвон\w*|звон\w+)\b", re.IGNORECASE
)
_FORMAL = re.compile(r"\b(?:more )?formal\w*\b|\b(?:официальн\w+|строже|формальн\w+)\b", re.IGNORECASE)
_FRIENDLY = re.compile(r"\b(?:friendl\w+|warm\w*|informal|casual)\b|\b(?:теплее|дружелюбн\w+|проще)\b", re.IGNORECASE)
_LANGUAGES = (
    ("en", re.compile(r"\b(?:in )?english\b|\bпо-английски\b|\bна английском\b", re.IGNORECASE)),
    ("ru", re.compile(r"\b(?:in )?russian\b|\bпо-русски\b|\bна русском\b", re.IGNORECASE)),
)
_WITHOUT = re.compile(
    r"\b(?:no|not|without|don't|do not|drop|remove|skip|leave out|omit)\b|\b(?:без|не|убери\w*|убрать|удали\w*)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"[,;.\n]+|\band\b|\bbut\b|\bи\b|\bно\b", re.IGNORECASE)


@dataclass(frozen=True)
class Wishes:
    """What is asked for. None: nothing is said about it. `rest` are the parts of the note that name something else."""

    is_shorter: bool = False
    price: bool | None = None
    link: bool | None = None
    tone: str = ""
    language: str = ""
    rest: tuple[str, ...] = ()


def read(note: str) -> Wishes:
    """The wishes of a note, part by part: “shorter, mention the price, no link”."""
    found: dict[str, bool | str] = {}
    rest = []
    for part in filter(None, map(str.strip, _PART.split(note[:MAX_NOTE]))):
        wanted = _WITHOUT.search(part) is None
        before = len(found)
        if _SHORTER.search(part):
            found["is_shorter"] = wanted
        if _PRICE.search(part):
            found["price"] = wanted
        if _LINK.search(part):
            found["link"] = wanted
        if _FORMAL.search(part):
            found["tone"] = "formal" if wanted else "friendly"
        elif _FRIENDLY.search(part):
            found["tone"] = "friendly" if wanted else "formal"
        for code, pattern in _LANGUAGES:
            if pattern.search(part):
                found["language"] = code
        if len(found) == before:
            rest.append(part)
    return Wishes(**found, rest=tuple(rest))  # type: ignore[arg-type]
