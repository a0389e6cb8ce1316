"""One conversation in the lab: a persona writes, the product reads and answers, until one of them is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from conversations.lab import breaks, personas
from conversations.lab.breaks import Bounds, Break
from conversations.lab.personas import Line, Player
from conversations.playbooks.definition import Definition
from conversations.replies import escalation, intents, promises
from conversations.replies.answering import CALENDAR, Composed, compose
from conversations.replies.composing import TEAM
from conversations.replies.intents import Understanding
from conversations.replies.situation import Situation, Turn
from outreach.llm.models import Trace

TODAY = date(2026, 2, 4)
"""Every conversation of the lab is held on the same day, so that a seed always gives the same one."""
MAX_TURNS = 8
BOOKED, AGREED, STOPPED, HELD, PERSON, DECLINED, SILENT, LONG = (
    "booked", "agreed", "opted_out", "held", "person", "declined", "silent", "too_long",
)  # fmt: skip
CHANNEL = "email"
SOURCE = {"en": "the trade register (2026-02-01)", "ru": "реестр компаний (01.02.2026)"}
_DONE = {"negative": DECLINED, "not_now": DECLINED, "wrong_person": DECLINED, "referral": PERSON}


@dataclass
class Entry:
    """One message of the transcript, with what was made of it."""

    is_ours: bool
    text: str
    note: str = ""


@dataclass
class Played:
    """What came of one conversation."""

    outcome: str = LONG
    entries: list[Entry] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    cost: Decimal = Decimal(0)
    doubts: int = 0
    """Answers that a person would have been asked about first."""
    refusals: int = 0
    """Texts of a model that were not used."""

    @property
    def answers(self) -> int:
        return sum(entry.is_ours for entry in self.entries) - 1


@dataclass(frozen=True)
class Table:
    """What all conversations of a run share."""

    definition: Definition
    trace: Trace
    sentences: str = ""
    """What answers without a model are made of, beside the playbook."""
    companies: tuple[str, ...] = ()
    asks_models: bool = False


def play(player: Player, table: Table) -> Played:
    """Hold one conversation. Deterministic without a model."""
    link = table.definition.booking_url
    played = Played(entries=[Entry(True, player.cast.fill(personas.first()[player.language]))])
    for _turn in range(MAX_TURNS):
        line = player.answer([entry.text for entry in played.entries if entry.is_ours], link=link)
        if line is None:
            played.outcome = _fallen_silent(played)
            return played
        if done := _turn_of(line, player, table, played):
            played.outcome = done
            return played
    return played


def _turn_of(line: Line, player: Player, table: Table, played: Played) -> str:
    """Take one message of theirs and answer it; the outcome, when it ends the conversation."""
    read = intents.understand(line.text, today=TODAY, is_sms=False)
    entry = Entry(False, line.text, read.intent)
    before = list(played.entries)
    played.entries.append(entry)
    if line.kind in {personas.ACCEPT, personas.DECLINE}:
        entry.note = line.kind
        return BOOKED if line.kind == personas.ACCEPT else PERSON
    reason = escalation.reason_for_person(
        text=line.text, intent=read.intent, confidence=read.confidence, suspicion=read.suspicion
    )
    if read.opt_out is not None:
        return STOPPED
    if reason and reason != "unsure":
        entry.note = f"{read.intent}, {reason}"
        return HELD if reason == "opt_out" else PERSON
    if line.kind == personas.STOP:
        played.breaks.append(Break(breaks.OPT_OUT, line.text))
    situation = _situation(line, read, before, player, table.definition)
    composed = compose(situation, trace=table.trace, asks_models=table.asks_models)
    _note(composed, reason, situation, player, table, played)
    if line.kind == personas.BOOK:
        return BOOKED
    named = situation.named
    if line.kind == personas.TIME and named and named.proposed and f"{named.proposed:%H:%M}" in composed.body:
        return AGREED
    return ""


def _note(composed: Composed, reason: str, situation: Situation, player: Player, table: Table, played: Played) -> None:
    doubts = tuple(filter(None, (reason, *composed.doubts)))
    played.entries.append(Entry(True, composed.body, ", ".join(doubts)))
    played.doubts += bool(doubts)
    played.refusals += bool(composed.refused)
    played.cost += composed.interaction.cost_usd or Decimal(0)
    played.breaks += breaks.found_in(composed.body, _bounds(situation, player, table))


def _situation(
    line: Line, read: Understanding, before: list[Entry], player: Player, definition: Definition
) -> Situation:
    language = read.language if read.language in SOURCE else player.language
    return Situation(
        text=line.text,
        intent=read.intent,
        language=language,
        channel=CHANNEL,
        today=TODAY,
        turns=tuple(Turn(entry.is_ours, entry.text) for entry in before),
        has_zone=True,
        first_name=player.cast.name,
        sender_name=TEAM[language],
        source=SOURCE[language],
        booking_url=definition.booking_url,
        until=read.until,
        is_confirmed=line.kind == personas.BOOK,
        referral=read.referral,
        definition=definition,
    )


def _bounds(situation: Situation, player: Player, table: Table) -> Bounds:
    definition = table.definition
    told = [text for words in definition.words.values() for text in (*words.sentences(), words.goal)]
    named, until = situation.named, situation.until
    days = [f"{day:%d.%m.} {day.day}" for day in (named and named.day, until) if day]
    times = [f"{named.proposed:%H:%M}"] if named and named.proposed else []
    sources = promises.Sources(
        ours=tuple(
            filter(
                None, (*told, table.sentences, situation.booking_url, situation.source, *situation.ours, *days, *times)
            )
        ),
        theirs=(situation.text, *(turn.text for turn in situation.turns if not turn.is_ours)),
        links=frozenset(filter(None, (situation.booking_url,))),
        names=(situation.first_name, situation.sender_name, situation.referral, CALENDAR),
    )
    foreign = tuple(company for company in table.companies if company != player.cast.company)
    return Bounds(sources, foreign, player.persona.forbidden, definition.is_autonomous)


def _fallen_silent(played: Played) -> str:
    """What their last words came to: a refusal, or nothing."""
    last = next((entry for entry in reversed(played.entries) if not entry.is_ours), None)
    return _DONE.get(last.note, SILENT) if last else SILENT
