"""What an answer is made from, gathered once and free of the database: the last words, the history, what we may say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from conversations.memory.recalling import Known
from conversations.playbooks.definition import Definition, Words
from conversations.replies import optouts, rules, times, wishes
from conversations.replies.lessons import NONE, Lessons
from conversations.replies.wishes import Wishes

MAX_TEXT = 3_000
LIMITS = {"email": 900, "sms": 300}
OTHER_LIMIT = 600
CYRILLIC_SMS = 200
"""Characters of an answer. A text message in Cyrillic holds half as many a segment."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_PRICE = re.compile(
    r"\b(?:pric\w*|cost\w*|how much|quote|quotation|rates?|fees?|tariff\w*|what do you charge)\b"
    r"|\b(?:цен\w+|стоит|стоят|стоимост\w*|прайс\w*|расценк\w*|тариф\w*|почем)\b"
)
_MORE = re.compile(
    r"\b(?:send|share|e-?mail|give)\b[^.?!]{0,30}\b(?:info\w*|details?|deck|brochure|materials?|presentation|more)\b"
    r"|\btell me more\b|\b(?:пришлите|вышлите|отправьте|скиньте|направьте|расскажите)\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"\b(?:link|calendar|calendly)\b|\b(?:ссылк|календар)\w*", re.IGNORECASE)
_ZONE = re.compile(
    r"\b(?:C?EST|CET|EET|EEST|GMT(?:[+-]\d{1,2})?|UTC(?:[+-]\d{1,2})?|BST|WEST|EDT|CDT|CST|MDT|MST|PDT|PST|IST|JST|AEST|AEDT|MSK|МСК)\b"
    r"|по (?:мск|москве|киеву|минску|алматы|екатеринбургу|новосибирску)"
)


@dataclass(frozen=True)
class Occasion:
    """Why we write: `reply` (they wrote), `asked` (they wanted to hear from us today), `silence` (the `number`-th time, from 1)."""

    name: str
    number: int = 0


REPLY = Occasion("reply")


@dataclass(frozen=True)
class Turn:
    """One message of the conversation, oldest first."""

    is_ours: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class Situation:
    """One moment in a conversation in which we write.

    `occasion` and `nudge` are those of an `Occasion`. `today` is the day where they are.
    """

    text: str
    intent: str
    language: str
    channel: str
    today: date
    turns: tuple[Turn, ...] = ()
    """Everything before `text`, oldest first."""
    has_zone: bool = False
    first_name: str = ""
    sender_name: str = ""
    source: str = ""
    goal: str = ""
    offer: str = ""
    booking_url: str = ""
    until: date | None = None
    is_confirmed: bool = False
    referral: str = ""
    known: tuple[Known, ...] = ()
    """What is remembered about them, the most important first."""
    occasion: str = "reply"
    nudge: int = 0
    note: str = ""
    """What a colleague wants changed in `previous`, the draft before this one."""
    previous: str = ""
    lessons: Lessons = NONE
    """What people change alike in the answers of this playbook."""
    definition: Definition = field(default_factory=lambda: Definition(words={"en": Words()}))

    @property
    def words(self) -> Words:
        return self.definition.in_language(self.wishes.language or self.language)

    @property
    def limit(self) -> int:
        """Characters of the answer at most."""
        if self.channel == "sms" and self.language == "ru":
            return CYRILLIC_SMS
        return LIMITS.get(self.channel, OTHER_LIMIT)

    @property
    def ours(self) -> list[str]:
        return [turn.text for turn in self.turns if turn.is_ours]

    def told(self, topic: str) -> str:
        """What they told us about a topic, now or before; empty when they did not."""
        return next((fact.text for fact in self.known if fact.topic == topic), "")

    @cached_property
    def wishes(self) -> Wishes:
        """What the colleague's note asks for."""
        return wishes.read(self.note)

    @cached_property
    def named(self) -> times.Named | None:
        """The time for a call that they name."""
        return times.named(self.text[:MAX_TEXT], today=self.today)

    @property
    def zone_words(self) -> str:
        """The time zone that they write themselves."""
        found = _ZONE.search(self.text[:MAX_TEXT])
        return found[0] if found else ""

    @property
    def asks_for_more(self) -> bool:
        return _MORE.search(self.text[:MAX_TEXT]) is not None

    @cached_property
    def sentences(self) -> list[str]:
        body = rules.without_closing_lines(self.text[:MAX_TEXT])
        return [part.strip() for part in _SENTENCE.split(body) if any(map(str.isalnum, part))]

    @cached_property
    def spoken(self) -> frozenset[str]:
        """Everything that their text does: asks, names a time, asks whether we are a bot, …"""
        found = {name for part in self.sentences for name, _why in rules.spoken(optouts.normalise(part))[:1]}
        return frozenset({*found, self.intent})

    @cached_property
    def questions(self) -> list[str]:
        """What they ask about the product, sentence by sentence: no question for a time, about us or for a price."""
        found = [part for part in self.sentences if _asks(part) and not is_price(part)]
        if not found and self.intent == "question" and not (self.asks_for_price or self.asks_for_more):
            return [self.text[:MAX_TEXT]]
        return found

    @cached_property
    def asks_for_price(self) -> bool:
        asking = self.intent in {"question", "positive", "booking", "unclear"}
        return any(is_price(part) and (asking or "?" in part) for part in self.sentences)


def is_price(text: str) -> bool:
    return _PRICE.search(optouts.normalise(text)) is not None


def _asks(sentence: str) -> bool:
    """Whether a sentence asks something of its own: not for details in general, nor for the way to a call."""
    if _MORE.search(sentence) or _LINK.search(sentence):
        return False
    spoken: Iterator[tuple[str, str]] = iter(rules.spoken(optouts.normalise(sentence)))
    return next(spoken, ("", ""))[0] == "question"
