"""Keywords and entities of a text by patterns and small lists, English and Russian: no model, nothing learned. Pure.

What it is: repeatable, fast, right where a text names things plainly, and blind to what it has no pattern for. Names
need a given name of the list or a form of address; firms a legal form; places a country or a big city of the list.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from outreach.core.lists import read_list

DATA = Path(__file__).parent / "data"
MOST = 12
_WORD = re.compile(r"[^\W\d_][\w'’-]{2,30}")
_STOP = frozenset(read_list(DATA / "stop_words.txt"))
_MONEY = re.compile(
    r"(?:[$€£₽]\s?\d[\d\s.,]*\d?(?:\s?(?:k|m|bn|тыс\.?|млн\.?|млрд\.?))?)"
    r"|(?:\b\d[\d\s.,]*\d?\s?(?:k|m|bn|million|billion|thousand|тыс\.?|млн\.?|млрд\.?)?\s?"
    r"(?:usd|eur|gbp|rub|dollars?|euros?|pounds?|руб(?:\.|лей|ля|ль)?|долл(?:\.|аров)?|евро|[$€£₽]))(?!\w)",
    re.IGNORECASE,
)
_FORM_BEHIND = r"(?:Inc|Incorporated|LLC|Ltd|Limited|GmbH|AG|Corp|Corporation|PLC|S\.?A\.?|B\.?V\.?|SAS|SARL|Oy|AB|KG)"
_FIRM = re.compile(
    rf"(?:(?:[A-ZÄÖÜ][\w&-]+[ ]){{1,4}},?[ ]?{_FORM_BEHIND}(?![\w]))"
    r"|(?:(?<!\w)(?:ООО|ОАО|ПАО|ЗАО|АО|ИП|ТОО)\s*[«\"“]?[А-ЯЁA-Z][\wА-Яа-яё -]{1,40}?(?:[»\"”]|(?=[,.;:!?\n]|$|\s[а-яё])))"
)
_GIVEN = frozenset(read_list(DATA / "given_names.txt"))
_NAME = re.compile(r"(?<![\w-])([A-ZА-ЯЁ][a-zа-яё]+(?:-[A-ZА-ЯЁ][a-zа-яё]+)?)[  ]([A-ZА-ЯЁ][a-zа-яё'’-]{1,30})(?![\w])")
_ADDRESSED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof)\.?|(?<!\w)(?:господин|госпожа|г-н|г-жа))\s+((?:[A-ZА-ЯЁ][a-zа-яё'’-]{1,30}\s?){1,2})"
)
_PLACE = re.compile(rf"(?<![\w-])(?:{'|'.join(read_list(DATA / 'places.txt'))})(?!\w)")


@dataclass(frozen=True)
class Entities:
    """What a text names, each once, in its order."""

    keywords: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    firms: list[str] = field(default_factory=list)
    amounts: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, list[str]]:
        return asdict(self)


def find(text: str) -> Entities:
    """The entities and the commonest words of a text of any length (its first 50,000 characters)."""
    text = text[:50_000]
    firms = _each(match[0] for match in _FIRM.finditer(text))
    named = [f"{m[1]} {m[2]}" for m in _NAME.finditer(text) if m[1] in _GIVEN]
    named += [m[1] for m in _ADDRESSED.finditer(text)]
    return Entities(
        keywords=keywords(text),
        names=_each(named),
        firms=firms,
        amounts=_each(match[0] for match in _MONEY.finditer(text)),
        places=_each(match[0] for match in _PLACE.finditer(text)),
    )


def keywords(text: str, limit: int = MOST) -> list[str]:
    """Keywords: common in this text, not function words, longer ones first among equals."""
    counts = Counter(
        word for match in _WORD.finditer(text.lower()) if (word := match[0].strip("-'’")) not in _STOP and len(word) > 3
    )
    ranked = sorted(counts, key=lambda word: (-counts[word], -len(word), word))
    return ranked[:limit]


def _each(found: object) -> list[str]:
    texts = (" ".join(str(text).split()).strip(" ,.") for text in found)  # type: ignore[attr-defined]
    return list(dict.fromkeys(text for text in texts if text))[:MOST]
