"""Composes one answer: by a model that is checked afterwards, or from the playbook's own sentences without one.

`compose(situation, trace=…)` is all that is needed to have an answer; `composing.situation_of` makes the situation of a
stored conversation. Stores nothing but the interaction, sends nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import structlog
from django.utils import translation
from django.utils.formats import date_format
from pydantic import BaseModel, Field

from conversations.memory.extraction import topic_asked
from conversations.memory.models import Topic
from conversations.playbooks.definition import LANGUAGES
from conversations.replies import acts, promises
from conversations.replies.acts import Act, Cite, Plan
from conversations.replies.finding import stems
from conversations.replies.lessons import Lesson
from conversations.replies.models import Intent
from conversations.replies.situation import Situation
from leads.models import Channel
from outreach.llm import services as llm
from outreach.llm.models import Interaction, Trace
from outreach.prompts import rendering
from outreach.prompts import services as packs
from outreach.prompts.models import PackVersion

logger = structlog.get_logger(__name__)

PACK, PARTS = "answer-reply", "answer-parts"
MAX_HISTORY, MAX_TURN = 12, 500
"""Messages of the conversation that a model sees, and characters of each."""
LONG_AWAY = 270
"""Days from which on a date is written with its year."""
SAME_QUESTION, USED = 0.8, 0.7
"""Shares of telling words: two questions are one, a fact was used."""
YOUR_TIME = {"en": "your time", "ru": "по вашему времени"}
OCCASIONS = {"asked": "they asked to be written to on this day", "silence": "they did not answer our last message"}
CALENDAR = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September"
    " October November December понедельник вторник среда четверг пятница суббота воскресенье январь февраль март апрель май"
    " июнь июль август сентябрь октябрь ноябрь декабрь"
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


class Answer(BaseModel):
    """What a model writes."""

    body: str = Field(min_length=1, max_length=4_000)


@dataclass(frozen=True)
class Composed:
    """One answer.

    `doubts` are codes of `DOUBTS` for which a person should look; `refused` says why a model's text was not used.
    """

    body: str
    language: str
    cites: tuple[Cite, ...]
    doubts: tuple[str, ...]
    refused: str
    interaction: Interaction

    @property
    def is_by_model(self) -> bool:
        return self.interaction.provider != "builtin" and not self.refused


def compose(situation: Situation, *, trace: Trace, asks_models: bool = True) -> Composed:
    """The answer to `situation`, from its playbook; not `asks_models`: from its own sentences, whatever is connected.

    Do not call it in a transaction that holds locks: it may wait.
    """
    draft = _Draft(situation)
    version = packs.current(PACK)
    completion = llm.complete(
        llm.Call(
            trace=trace,
            step="reply",
            route="reply",
            messages=draft.messages(version),
            schema=Answer,
            builtin=lambda: Answer(body=draft.by_rules),
            pack_sha=version.sha,
            asks_models=asks_models,
        )
    )
    body, refused = completion.output.body.strip(), ""
    if not completion.is_builtin and (refused := draft.problem(body)):
        logger.warning("answer_refused", reason=refused, trace=trace.pk)
        body = draft.by_rules
    is_planned = body == draft.unlearned.strip()
    cites = tuple(draft.plan.cites if is_planned else draft.used(body))
    return Composed(body, draft.language, cites, tuple(draft.plan.doubts), refused, completion.interaction)


class _Draft:
    """One answer on its way: what it does, its values, and its text without a model."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        code = situation.wishes.language or situation.language
        self.language = code if code in LANGUAGES else situation.definition.languages[0]

    @property
    def tone(self) -> str:
        return self.situation.wishes.tone or self.situation.definition.tone

    @cached_property
    def plan(self) -> Plan:
        return acts.plan(self.situation)

    @cached_property
    def values(self) -> dict[str, str]:
        """The trusted values of both packs; what is not known is empty."""
        one, named = self.situation, self.situation.named
        with translation.override(self.language):
            day = _day(named.day, "l, j E", self.language) if named else ""
            until = _day(one.until, _with_year(one.until, one.today), self.language) if one.until else ""
        return {
            "sender_name": one.sender_name,
            "booking_url": one.booking_url,
            "source": one.source,
            "named_day": day,
            "named_time": f"{named.proposed:%H:%M}" if named and named.proposed else "",
            "zone": one.zone_words or (YOUR_TIME[self.language] if one.has_zone else ""),
            "until": until,
            "is_automatic": "yes" if one.definition.is_autonomous else "",
        }

    # --- by a model ----------------------------------------------------------------------------------------------

    def messages(self, version: PackVersion) -> list[dict[str, Any]]:
        one, words = self.situation, self.situation.words
        intent = one.intent if one.intent in Intent.values else Intent.UNCLEAR
        history = one.turns[-MAX_HISTORY:]
        return rendering.render(
            version,
            language=self.language,
            variant=str(intent),
            trusted={
                **self.values,
                "tone": self.tone,
                "note": one.note,
                "channel": one.channel,
                "intent": str(Intent(intent).label),
                "occasion": OCCASIONS.get(one.occasion, ""),
                "max_length": one.limit,
                "is_confirmed": "yes" if one.is_confirmed else "",
            },
            untrusted={
                "goal": one.goal or words.goal,
                "facts": _listed(
                    [one.offer, *(f"{f.about}: {f.text}" if f.about else f.text for f in self._nearest())]
                ),
                "objections": _listed([f"{o.said} → {o.answer}" for o in words.objections]),
                "prices": _listed([f"{price.what}: {price.price}" for price in words.prices]),
                "memory": _listed([str(fact) for fact in one.known]),
                "first_name": one.first_name,
                "history": "\n".join(f"{'We' if t.is_ours else 'They'}: {t.text[:MAX_TURN]}" for t in history),
                "reply": one.text if one.occasion == "reply" else "",
                "referral": one.referral,
                "previous": one.previous,
                "lessons": _listed([_told(lesson) for lesson in one.lessons]),
            },
        ).messages

    def _nearest(self) -> list[Any]:
        """The facts, those first that share words with what was written: a long list is cut at its end."""
        asked = stems(self.situation.text)
        return sorted(self.situation.words.facts, key=lambda fact: -len(asked & stems(f"{fact.about} {fact.text}")))

    def problem(self, body: str) -> str:
        """Why a model's text may not be sent; empty when it may."""
        one = self.situation
        if len(body) > one.limit:
            return f"it has {len(body)} characters, {one.limit} are allowed"
        if again := next((line for line in _questions(body) if self._was_asked(line)), ""):
            return f"it asks again: “{again[:100]}”"
        if needless := next((line for line in _questions(body) if self._was_told(line)), ""):
            return f"it asks what they told already: “{needless[:100]}”"
        values = (self.values["named_day"], self.values["named_time"], self.values["until"], one.source)
        told = [text for words in one.definition.words.values() for text in (*words.sentences(), words.goal)]
        sources = promises.Sources(
            ours=tuple(filter(None, (*told, one.offer, one.goal, one.booking_url, *values, *one.ours))),
            theirs=(one.text, *(turn.text for turn in one.turns if not turn.is_ours), *(f.text for f in one.known)),
            links=frozenset(filter(None, (one.booking_url,))),
            names=(one.first_name, one.sender_name, one.referral, CALENDAR),
        )
        return promises.problem(body, sources, is_automatic=one.definition.is_autonomous)

    def used(self, body: str) -> list[Cite]:
        """The pieces of the playbook that the text uses."""
        words, said = self.situation.words, stems(body)
        pieces = [
            *(Cite("fact", fact.text) for fact in words.facts),
            *(Cite("objection", objection.answer) for objection in words.objections),
            *(Cite("price", f"{price.what}: {price.price}") for price in words.prices),
        ]
        return [piece for piece in pieces if (own := stems(piece.text)) and len(own & said) / len(own) >= USED]

    # --- without a model -----------------------------------------------------------------------------------------

    @cached_property
    def by_rules(self) -> str:
        """The answer from the playbook's own sentences, as people would change it.

        Not where that says what no answer may; nor after a colleague's note, which may ask for what others take out.
        """
        learned = self.situation.lessons.applied(self.unlearned)
        is_fit = learned != self.unlearned and not self.situation.note and not self.problem(learned)
        return learned if is_fit else self.unlearned

    @cached_property
    def unlearned(self) -> str:
        """The same as written by rules. What is not needed goes when it is too long."""
        chosen = list(self.plan.acts)
        while len(text := self._assembled(chosen)) > self.situation.limit:
            spare = [act for act in chosen if not act.is_needed]
            if not spare:
                break
            chosen.remove(spare[-1])
        return text

    def _assembled(self, chosen: list[Act]) -> str:
        parts = [fresh for act in chosen if (fresh := self._fresh(_sentence(act.text) or self._part(act.name)))]
        text = " ".join(parts or [self._part("here")])
        if self.situation.channel != Channel.EMAIL:
            is_first = not any(turn.is_ours for turn in self.situation.turns[1:])
            return f"{self._part('hello')} {text}" if is_first else text
        return f"{self._part('hello')}\n\n{text}\n\n{self.situation.sender_name}".strip()

    def _part(self, name: str) -> str:
        formal = "yes" if self.tone == "formal" else ""
        text = rendering.render_template(
            packs.current(PARTS),
            language=self.language,
            variant=name,
            trusted={**self.values, "is_formal": formal},
            untrusted={"first_name": self.situation.first_name, "known_time": self.situation.told(Topic.TIME)},
        )
        return text.body if text else ""

    def _fresh(self, text: str) -> str:
        """The text without questions that we asked before, or that they have answered already."""
        lines = (line for line in _SENTENCE.split(text) if line.strip())
        return " ".join(line for line in lines if not (line.rstrip().endswith("?") and self._is_settled(line)))

    def _is_settled(self, question: str) -> bool:
        return self._was_asked(question) or self._was_told(question)

    def _was_told(self, question: str) -> bool:
        """Whether they told us before what `question` asks. Not about a day that they just named: its time is open."""
        topic = "" if self.situation.named else topic_asked(question)
        return bool(topic and self.situation.told(topic))

    def _was_asked(self, question: str) -> bool:
        asked = stems(question)
        if not asked or asked & stems(f"{self.values['named_day']} {self.values['named_time']}"):
            return False  # about the time that they just named
        before = (stems(line) for text in self.situation.ours for line in _questions(text))
        return any(len(asked & other) / len(asked | other) >= SAME_QUESTION for other in before if other)


def _questions(text: str) -> list[str]:
    return [line.strip() for line in _SENTENCE.split(text) if line.rstrip().endswith("?")]


def _told(lesson: Lesson) -> str:
    return f"“{lesson.sentence}” → “{lesson.instead}”" if lesson.instead else f"taken out: “{lesson.sentence}”"


def _listed(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines if line)


def _sentence(text: str) -> str:
    """Text of a playbook as a sentence: with a full stop at its end."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."


def _with_year(day: date, today: date) -> str:
    """The form of a day: with its year when it is nearly one away, so that March said in March is not taken for this one."""
    return "j E Y" if (day - today).days > LONG_AWAY else "j E"


def _day(day: date, form: str, language: str) -> str:
    """A day within a sentence: Russian writes months and weekdays small."""
    words = str(date_format(day, form))
    return words.lower() if language == "ru" else words
