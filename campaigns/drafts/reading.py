"""One text with all that it may rest on, as its readers take it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from campaigns.drafts.facts import Fact
from outreach.core.lists import read_list

DATA = Path(__file__).parent / "data"
Found = tuple[str, str]
"""(code, the words that raised it)."""
ABBREVIATIONS = frozenset(
    word.upper()
    for path in (DATA / "abbreviations.txt", DATA.parents[2] / "leads" / "cleaning" / "data" / "title_acronyms.txt")
    for word in read_list(path)
)
"""Words that capitals are right for."""


@dataclass(frozen=True)
class Draft:
    """`ours` is what the campaign, the sender and the pack say themselves."""

    subject: str
    body: str
    channel: str
    language: str
    facts: Sequence[Fact]
    ours: str

    @cached_property
    def whole(self) -> str:
        return f"{self.subject}\n{self.body}".strip()

    @cached_property
    def given(self) -> str:
        """Everything that we said ourselves or were given about the lead."""
        return "\n".join([self.ours, *(fact.value for fact in self.facts)])

    @cached_property
    def nameable(self) -> str:
        """What may be quoted in a text of any language: not a job title, which is said in the reader's language."""
        return "\n".join([self.ours, *(fact.value for fact in self.facts if fact.name != "title")])

    @cached_property
    def sentences(self) -> list[str]:
        return re.split(r"(?<=[.!?…])\s+|\n+", self.body)

    def known(self, name: str) -> Fact | None:
        return next((fact for fact in self.facts if fact.name == name), None)

    def value(self, name: str) -> str:
        """The value of a fact; empty when it isn't known."""
        fact = self.known(name)
        return fact.value if fact else ""


def first(code: str, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    """The first place in `text` that `pattern` describes."""
    if match := pattern.search(text):
        yield code, match[0].strip()


_LINK = re.compile(r"(?i)\bhttps?://\S+|\bwww\.\S+|\S+@\S+")


def without_links(text: str) -> str:
    return _LINK.sub("LINK", text)


_OPT_OUT = re.compile(
    r"(?i)\b(?:not|never|\w+n['’]t|stop|no (?:more|further))\b[^.!?\n]{0,30}\b(?:writ\w+|e-?mail\w*|text\w*|contact\w*|bother\w*|messag\w+|hear from)\b[^.!?\n]{0,30}\b(?:again|any ?more|further)\b"
    r"|\b(?:reply|text|send|answer)\W{1,3}stop\b|\bSTOP (?:to|for|and|ends?|if)\b|\bopt[- ]out\b|\bunsubscribe\b"
    r"|(?<!\w)(?:больше|не)(?!\w)[^.!?\n]{0,30}(?<!\w)(?:больше|не)(?!\w)[^.!?\n]{0,20}(?:писать|напишу|пишу|побесп|беспок|потревож|тревож)\w*"
    r"|(?<!\w)(?:больше|не)(?!\w)[^.!?\n]{0,20}(?:писать|напишу|беспок)\w*[^.!?\n]{0,20}(?<!\w)(?:больше|не буд\w+|не стан\w+)(?!\w)"
    r"|(?<!\w)больше не (?:буд[уе]м?|стан[уе]м?)[.!]|писем больше не будет|больше (?:писем|сообщений) не будет|(?<!\w)СТОП(?!\w)|отписаться"
)


def says_opt_out(text: str) -> bool:
    """Whether the reader is told how to end it, or that it ends, in whatever words."""
    return bool(_OPT_OUT.search(text))
