"""The question to every researcher and its answer. Pure."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from outreach.core.hashing import canonical_hash

MOST_QUOTE = 400
"""Characters of one quote: a statement or two, enough to be looked up at its address."""
LEAST_QUOTE = 25
MOST_FINDINGS = 40
_SENTENCE = re.compile(r"(?<=[.!?…])[\s ]+(?=[\"“«(]?[A-ZА-ЯЁ0-9])|\n+")


@dataclass(frozen=True)
class Question:
    """The subject of the question. Empty text: unknown."""

    kind: str
    """`company` or `person`."""
    name: str
    company: str = ""
    domain: str = ""
    website: str = ""
    title: str = ""
    city: str = ""
    country: str = ""
    profile: str = ""
    """Address of the profile on the professional network."""

    def hash(self) -> str:
        return canonical_hash(asdict(self))

    @property
    def words(self) -> str:
        """The question as one types it into a search box."""
        who = [f'"{self.name}"', self.company if self.kind == "person" else "", self.title, self.city, self.domain]
        return " ".join(part for part in who if part)


@dataclass(frozen=True)
class Finding:
    """One statement, verbatim from `url`."""

    url: str
    quote: str
    title: str = ""
    published: str = ""
    """As the source says it; empty: not said."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Researcher(Protocol):
    """Looks for statements about somebody. Raises `Retryable` and `Permanent`; an empty list: nothing was found."""

    name: str
    is_paid: bool
    """Whether a call counts against the day's budget."""

    def objection(self, question: Question) -> str:
        """Why it cannot be asked (no key, no website), as a sentence; empty: it can."""

    def ask(self, question: Question) -> list[Finding]: ...


def passages(text: str) -> list[str]:
    """A text cut at its sentences into quotes of at most `MOST_QUOTE` characters, each literally in the text."""
    found: list[str] = []
    for sentence in _SENTENCE.split(text):
        line = " ".join(sentence.split())
        if not line:
            continue
        if len(line) > MOST_QUOTE:
            line = line[: MOST_QUOTE + 1].rsplit(" ", 1)[0][:MOST_QUOTE]
        if len(line) >= LEAST_QUOTE:
            found.append(line)
    return list(dict.fromkeys(found))


def findings(url: str, text: str, *, title: str = "", published: str = "") -> list[Finding]:
    """The passages of one page, ready to be kept."""
    clean = "".join(c for c in text if c.isprintable() or c in "\n\t ")
    return [Finding(url, quote, " ".join(title.split())[:200], published[:40]) for quote in passages(clean)]
