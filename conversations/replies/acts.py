"""What an answer without a model does, in order, and from what of the playbook it is taken. Pure.

An act is a sentence of the pack `answer-parts` with its values, or text of the playbook word for word. What nobody wrote
down is not answered: then the answer says that we will find out, and a doubt sends it to a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from conversations.memory.models import Topic
from conversations.replies import finding
from conversations.replies.situation import Situation

UNANSWERED, NO_PRICE, TIME, LANGUAGE, SOURCE, NOT_SURE, NOTE = (
    "unanswered",
    "no_price",
    "time",
    "language",
    "source",
    "not_sure",
    "note",
)
LINKS = frozenset(
    {"link", "link_soft", "ask_day", "ask_day_known", "ask_times", "time_exact", "time_within", "time_day"}
)
"""Acts that lead to a call."""
SHORT = 2
"""Parts of an answer that was to be shorter."""
MORE_FACTS = 2
RECENT = 3
"""Messages of ours in which a link still counts as given."""


@dataclass(frozen=True)
class Act:
    """One part: `text` as it is, or the sentence called `name`. What is not `is_needed` goes when space is short."""

    name: str
    text: str = ""
    is_needed: bool = True


@dataclass(frozen=True)
class Cite:
    """A piece of the playbook that the answer uses."""

    kind: str
    text: str


@dataclass
class Plan:
    """The acts of one answer, what they cite, and why a person should look."""

    acts: list[Act] = field(default_factory=list)
    cites: list[Cite] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def say(self, name: str, *, is_needed: bool = True) -> None:
        self.acts.append(Act(name, is_needed=is_needed))

    def quote(self, kind: str, text: str, *, is_needed: bool = True) -> None:
        if all(cite.text != text for cite in self.cites):
            self.acts.append(Act(kind, text, is_needed))
            self.cites.append(Cite(kind, text))

    def doubt(self, reason: str) -> None:
        if reason not in self.doubts:
            self.doubts.append(reason)


def plan(situation: Situation) -> Plan:
    """What to answer."""
    found = Plan()
    if situation.language not in situation.definition.languages:
        found.doubt(LANGUAGE)
    if situation.occasion == "asked":
        found.say("again")
        _next_step(situation, found)
    elif situation.occasion == "silence":
        is_last = situation.nudge >= situation.definition.reengagement.at_most
        found.say("silence_last" if is_last else "silence")
        if not is_last:
            _next_step(situation, found)
    else:
        _reply(situation, found)
    if situation.note:
        _follow_note(situation, found)
    return found


def _follow_note(situation: Situation, found: Plan) -> None:
    """What a colleague wants changed. What nobody wrote down is not made up: then a person has to write it."""
    wishes = situation.wishes
    if wishes.price is False:
        _drop(found, "price", "no_price")
    elif wishes.price and all(cite.kind != "price" for cite in found.cites):
        _tell_prices(situation, found)
    if wishes.link is False:
        _drop(found, "link", "link_soft")
    elif wishes.link and all(act.name not in LINKS for act in found.acts):
        _next_step(situation, found)
    for part in wishes.rest:
        if match := finding.fact_for(part, situation.words.facts):
            found.quote("fact", match.fact.text)
        elif objection := finding.objection_for(part, situation.words.objections):
            found.quote("objection", objection.answer)
        else:
            found.doubt(NOTE)
    if wishes.is_shorter:
        found.acts = [act for act in found.acts if act.is_needed][:SHORT] or found.acts[:1]


def _drop(found: Plan, *names: str) -> None:
    found.acts = [act for act in found.acts if act.name not in names]
    found.cites = [cite for cite in found.cites if cite.kind not in names]


def _reply(situation: Situation, found: Plan) -> None:
    _about_us(situation, found)
    if situation.is_confirmed:
        found.say("confirmed")
        return
    _answer_questions(situation, found)
    _STEPS.get(situation.intent, _unclear)(situation, found)


def _about_us(situation: Situation, found: Plan) -> None:
    """Whether a machine writes, and where the address is from: always the truth, whatever else is asked."""
    if "bot_question" in situation.spoken:
        found.say("bot")
    if "source_question" in situation.spoken:
        found.say("source")
        if not situation.source:
            found.doubt(SOURCE)


def _answer_questions(situation: Situation, found: Plan) -> None:
    if situation.intent in {"negative", "not_now", "wrong_person", "referral", "abusive", "opt_out"}:
        return
    if situation.asks_for_price:
        _tell_prices(situation, found)
    unanswered = False
    for question in situation.questions:
        match = finding.fact_for(question, situation.words.facts)
        if match is not None:
            found.quote("fact", match.fact.text)
            if not match.is_sure:
                found.doubt(NOT_SURE)
        elif objection := finding.objection_for(question, situation.words.objections):
            found.quote("objection", objection.answer)
        else:
            unanswered = True
    if unanswered:
        found.say("unknown")
        found.doubt(UNANSWERED)


def _tell_prices(situation: Situation, found: Plan) -> None:
    """The prices that the question names best, or all of them."""
    asked = finding.stems(situation.text)
    prices = situation.words.prices
    named = [len(finding.stems(price.what) & asked) for price in prices]
    chosen = [price for price, count in zip(prices, named, strict=True) if count == max(named)]
    for price in chosen[:3]:
        found.quote("price", f"{price.what}: {price.price}")
    if not chosen:
        found.say("no_price")
        found.doubt(NO_PRICE)


def _time(situation: Situation, found: Plan) -> bool:
    """Take up the time that they name; False when they name none."""
    named = situation.named
    if named is None:
        return False
    if named.at is not None:
        found.say("time_exact")
        if not situation.booking_url:
            found.doubt(TIME)
    elif named.proposed is not None:
        found.say("time_within")
        if not situation.booking_url:
            found.doubt(TIME)
    else:
        found.say("time_day")
    return True


def _next_step(situation: Situation, found: Plan) -> None:
    """A link, or a day; what they said about times is taken up, never asked again."""
    if situation.booking_url:
        found.say("link")
    else:
        found.say("ask_day_known" if situation.told(Topic.TIME) else "ask_day")


def _offer_call(situation: Situation, found: Plan) -> None:
    """A call after an answered question, when the link was not given just now."""
    given = any(situation.booking_url in text for text in situation.ours[-RECENT:]) if situation.booking_url else True
    if not given:
        found.acts.append(Act("link_soft", is_needed=False))


def _positive(situation: Situation, found: Plan) -> None:
    if _time(situation, found):
        return
    if not found.acts:
        found.say("glad")
        if situation.asks_for_more:
            _tell_more(situation, found)
    _next_step(situation, found)


def _tell_more(situation: Situation, found: Plan) -> None:
    """What it is, in our own words: the offer, else the first facts."""
    if situation.offer:
        found.quote("offer", situation.offer, is_needed=False)
        return
    for fact in situation.words.facts[:MORE_FACTS]:
        found.quote("fact", fact.text, is_needed=False)


def _booking(situation: Situation, found: Plan) -> None:
    if not _time(situation, found):
        if situation.booking_url:
            found.say("link")
        else:
            found.say("ask_day_known" if situation.told(Topic.TIME) else "ask_times")


def _question(situation: Situation, found: Plan) -> None:
    if _time(situation, found):
        return
    if not found.acts and situation.asks_for_more:
        _tell_more(situation, found)
    if not found.acts:
        found.doubt(UNANSWERED)
        found.say("unknown")
    _offer_call(situation, found)


def _negative(situation: Situation, found: Plan) -> None:
    """One answer to what speaks against it, never a second one."""
    objection = finding.objection_for(situation.text, situation.words.objections)
    if objection is None or any(objection.answer in text for text in situation.ours):
        found.say("declined")
        return
    found.quote("objection", objection.answer)
    found.say("no_pressure")


def _not_now(situation: Situation, found: Plan) -> None:
    objection = finding.objection_for(situation.text, situation.words.objections)
    if situation.until is None and objection and all(objection.answer not in text for text in situation.ours):
        found.quote("objection", objection.answer)
        found.say("ask_when")
    else:
        found.say("later")


def _unclear(situation: Situation, found: Plan) -> None:
    if _time(situation, found) or found.acts:
        return
    if objection := finding.objection_for(situation.text, situation.words.objections):
        found.quote("objection", objection.answer)
    else:
        found.doubt(NOT_SURE)
        found.say("unclear")


_STEPS: dict[str, Callable[[Situation, Plan], None]] = {
    "positive": _positive,
    "booking": _booking,
    "question": _question,
    "negative": _negative,
    "not_now": _not_now,
    "referral": lambda _situation, found: found.say("referral"),
    "wrong_person": lambda _situation, found: found.say("wrong_person"),
    "abusive": lambda _situation, found: found.say("declined"),
    "opt_out": lambda _situation, found: found.say("declined"),
    "bot_question": lambda _situation, _found: None,
    "source_question": lambda _situation, _found: None,
}
