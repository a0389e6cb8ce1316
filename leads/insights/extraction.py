"""Insights without a model: statements are sorted by topic and quoted verbatim. Pure.

It only quotes, so that it cannot invent anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from leads.insights import lexicons
from leads.insights.research.base import Finding
from leads.segments import lexicon

MOST_SUMMARY = 3
MOST_POINTS = 4
_CONTACT = re.compile(
    r"https?://|www\.|@|\+?\d[\d ()-]{8,}\d|cookie|©|all rights reserved|все права|политик\w+ конфиденц", re.IGNORECASE
)


@dataclass(frozen=True)
class Statement:
    """A quote and the id of its fact."""

    id: int
    quote: str


@dataclass(frozen=True)
class Point:
    """One line of an insight and the facts that it rests on."""

    text: str
    facts: tuple[int, ...]

    def as_json(self) -> dict[str, object]:
        return {"text": self.text, "facts": list(self.facts)}


@dataclass
class Written:
    """An insight's parts."""

    summary: list[Point] = field(default_factory=list)
    fit: list[Point] = field(default_factory=list)
    fit_score: int | None = None
    pains: list[Point] = field(default_factory=list)
    triggers: list[Point] = field(default_factory=list)
    angles: list[Point] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def topics(quote: str) -> list[str]:
    """What may have happened according to a statement: hiring, funding, …"""
    text = quote.lower()
    return [topic for topic, terms in lexicons.TRIGGERS.items() if lexicon.find(terms, text)]


def is_quotable(quote: str) -> bool:
    """Whether a statement is about the subject: not a contact line, legal line or instruction to the reader."""
    return not _CONTACT.search(quote) and not lexicon.find(lexicons.ORDERS, quote.lower())


def most_telling(found: Sequence[Finding], limit: int) -> list[Finding]:
    """At most `limit` findings: those that tell something first, otherwise in their order."""

    def weight(finding: Finding) -> int:
        text = finding.quote.lower()
        return -(
            2 * len(topics(text))
            + 2 * bool(lexicon.find(lexicons.PAINS, text))
            + bool(lexicon.find(lexicons.SUMMARY, text))
        )

    return sorted(found, key=weight)[:limit]


def extract(statements: Iterable[Statement], *, wanted: Iterable[str] = (), name: str = "") -> Written:
    """The insight from the statements alone. `wanted` are words of the brief, `name` is the subject."""
    rows = [row for row in statements if is_quotable(row.quote)]
    terms = tuple(term for term in wanted if lexicon.is_usable(term))
    triggers = _those(rows, lambda text: bool(topics(text)))
    pains = _those(rows, lambda text: bool(lexicon.find(lexicons.PAINS, text)))
    fit = _those(rows, lambda text: bool(terms and lexicon.find(terms, text)))
    about = _those(rows, lambda text: bool(lexicon.find(lexicons.SUMMARY, text) or (name and name.lower() in text)))
    told = {row.id for row in (*triggers, *pains)}
    summary = [row for row in about if row.id not in told] or about or rows
    ways_in = [row for row in fit if row.id in told] or triggers[:2]
    return Written(
        summary=_points(summary[:MOST_SUMMARY]),
        fit=_points(fit[:MOST_POINTS]),
        pains=_points(pains[:MOST_POINTS]),
        triggers=_points(triggers[:MOST_POINTS]),
        angles=_points(ways_in[:MOST_POINTS]),
    )


def _those(rows: list[Statement], holds: Callable[[str], bool]) -> list[Statement]:
    return [row for row in rows if holds(row.quote.lower())]


def _points(rows: Iterable[Statement]) -> list[Point]:
    return [Point(row.quote, (row.id,)) for row in rows]
