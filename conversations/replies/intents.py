"""What a reply wants, from its text alone. Pure.

Given the text that the person wrote (quotes already taken off). Opting out is judged first and alone: what the rules
know, or what both halves of the trained reader are sure of, opts out. Then the rules and the reader are weighed against
each other; what only sounds like an opt-out is held for a person (`is_held`). Where nothing is clear, confidence is low
and a model may be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from math import exp, log
from typing import Protocol

from conversations.reading import signatures
from conversations.reading.addresses import addresses_in
from conversations.replies import optouts, rules
from conversations.replies.moments import moment
from conversations.replies.reader import model
from outreach.core import language as languages
from outreach.core.words import gettext as _
from outreach.core.words import gettext_noop

CLEAR = 0.7
"""Confidence from which a reading is believed without a second opinion."""
STOPPING = ("opt_out", model.DISMISSAL, "abusive")
"""The classes of the reader that say, each in its way, that they want to hear no more."""
SUSPECTED, SUSPECTED_OF_THE_WILLING = (0.08, 0.12), (0.12, 0.4)
"""From which probability of these, in the whole text and in one of its sentences, follow-ups are held and a person is
asked; the second pair where they likely want something of us, because a hold costs more there."""
UNRELATED = 0.2
"""How much chatter counts beside them: what is nobody's answer to an offer is not harmless, it is not understood.
`CARD.md` has the curve of these numbers and what a hold costs against a missed opt-out."""
WILLING, LIKELY = (
    frozenset({"positive", "booking", "question", "not_now", "referral", "bot_question", "source_question"}),
    0.5,
)
"""What they may want of us, and the confidence from which that is believed against a faint suspicion."""
YES, SUSPECTED_OF_A_YES = frozenset({"positive", "booking"}), (0.3, 0.4)
"""What says yes in words that a rule knows, and from where that is doubted."""
SUSPECTED_OF_A_REQUEST = (0.5, 0.5)
"""The same for a text that tells us to send, tell or ring."""
CERTAIN, CERTAIN_TOGETHER = 0.7, 0.95
"""Probability of opting out that each half of the reader, and both together, must give one sentence before it opts out
by itself."""
RULE, LESSER_RULE = 1.6, 0.5
"""How much a rule that speaks counts beside the trained reader, in log-odds: the first one, and those after it."""
UNSURE = 0.35
"""Where the trained reader gives no class more than this, a single rule that speaks decides."""
QUESTIONS = ("question", "bot_question", "source_question")
"""That it is a question is said by its mark; which of these it is, by the reader."""
UNSETTLED = frozenset({"opt_out", "unclear"})
"""What the reader alone never settles: a model may look again, where one is connected."""
CLEAR_ABUSE = 0.4
"""Confidence from which abuse alone holds what is planned."""
WORTH_TELLING = 0.01
"""A chance below this is no reason: “Reads like “Unclear” (0%)” stood beside a suspected opt-out."""
MAX_SENTENCES = 8
BATCH = 256
NAMES = {
    "positive": gettext_noop("Interested"),
    "booking": gettext_noop("Wants a call"),
    "question": gettext_noop("Asks a question"),
    "negative": gettext_noop("Not interested"),
    "not_now": gettext_noop("Not now"),
    "referral": gettext_noop("Refers to someone else"),
    "wrong_person": gettext_noop("Wrong person"),
    "bot_question": gettext_noop("Asks whether we are a bot"),
    "source_question": gettext_noop("Asks where we got the address"),
    "abusive": gettext_noop("Abusive"),
    "opt_out": gettext_noop("Opts out"),
    "unclear": gettext_noop("Unclear"),
}
"""What a reader tells apart, in words."""
_SUBJECT_PREFIX = re.compile(
    r"^(?:\s*(?:re|aw|sv|antw|res?p|rv|tr|fwd?|wg|отв|ответ|на|ha)\s*(?:\[\d+\])?\s*:)+", re.IGNORECASE
)


_CONFIRMS = re.compile(
    r"^(?:yes,? |great,? |perfect,? |ok(?:ay)?,? )?confirmed\b|\b(?:i|we) (?:can )?confirm\b|\b(?:it|this|you)? ?(?:is |are |put |have |'s )*"
    r"in(?:to)? (?:my|our|the) (?:calendar|diary)\b|\baccepted (?:your|the) invit\w+|\b(?:that|this|it) works\b(?: for (?:me|us))?[.! ,]*(?:talk|see|speak|$)"
    r"|\b(?:talk|speak|see you) (?:soon|then|on \w+)[.! ]*$|\bподтверждаю\b|\b(?:внес|внесла|записал|записала|добавил|добавила)\b.{0,20}\bкалендар"
    r"|\b(?:договорились|до встречи|до связи|до созвона)\b"
)
"""Words with which somebody confirms a time that we proposed."""
_DOUBTS = re.compile(r"\b(?:not|n't|can't|cannot|if|unless|не|если)\b|\?")


class Reader(Protocol):
    """Whatever tells the probability of each class of each text."""

    def read(self, texts: Sequence[str]) -> list[dict[str, float]]: ...

    def lesser(self, text: str, name: str) -> float: ...


@dataclass(frozen=True)
class Understanding:
    """`intent` is a value of `Intent`; `until` is set for "not now", `referral` when another address is named.

    `suspicion` says what makes it sound like an opt-out when that is not certain.
    """

    intent: str
    confidence: float
    reasons: tuple[str, ...]
    language: str = ""
    opt_out: optouts.OptOut | None = None
    suspicion: str = ""
    until: date | None = None
    referral: str = ""
    is_confirmed: bool = False
    """They confirm a call that we proposed."""

    @property
    def is_clear(self) -> bool:
        return self.confidence >= CLEAR

    @property
    def is_held(self) -> bool:
        """Whether nothing more may go out until a person has looked."""
        return bool(self.suspicion) and self.opt_out is None


def understand(
    text: str, *, today: date, subject: str = "", is_sms: bool = True, reader: Reader | None = None
) -> Understanding:
    """Read one reply. `today` anchors "next quarter" and "in March"; `subject` is the mail's own, if it has one.

    Carriers take more words for an opt-out (`is_sms`) than a person writes for one elsewhere.
    """
    return next(understand_all([(text, subject)], today=today, is_sms=is_sms, reader=reader))


def understand_all(
    replies: Iterable[tuple[str, str]], *, today: date, is_sms: bool = True, reader: Reader | None = None
) -> Iterator[Understanding]:
    """Read many (text, subject) in their order, a few hundred at a time: the reader is quicker on many at once."""
    remaining = iter(replies)
    while batch := list(islice(remaining, BATCH)):
        certain = [_certain(text, subject, is_sms=is_sms) for text, subject in batch]
        parts = [[] if sure else _parts(text) for (text, _subject), sure in zip(batch, certain, strict=True)]
        asked = reader or model.shipped()
        chances = iter(asked.read([part for texts in parts for part in texts]))
        for (text, subject), sure, texts in zip(batch, certain, parts, strict=True):
            rows = list(islice(chances, len(texts)))
            yield sure or _sure_of_both(text, texts, rows, asked) or _weigh(text, subject, rows, today)


def _certain(text: str, subject: str, *, is_sms: bool) -> Understanding | None:
    """What needs no weighing: an opt-out, a reaction, nothing at all."""
    language = languages.detect(text)
    if found := optouts.find(text, is_sms=is_sms) or _in_subject(text, subject):
        wording = _("Keyword “%(words)s”") if found.tier == 1 else _("Asks us to stop: “%(words)s”")
        reason = wording % {"words": found.evidence}
        return Understanding("opt_out", 1.0 if found.tier == 1 else 0.95, (reason,), language, found)
    suspicion = optouts.suspect(text)
    if optouts.is_reaction(text) or (text.strip() and not any(map(str.isalnum, text)) and _has_emoji(text)):
        return Understanding("reaction", 0.95, (_("A reaction, no text"),), language, suspicion=suspicion)
    if not rules.without_closing(optouts.normalise(text)[:1_500]).strip(" .,!?"):
        return Understanding("unclear", 0.9 if text.strip() else 1.0, (_("Nothing was written"),), language)
    return None


def _sure_of_both(text: str, parts: list[str], chances: list[dict[str, float]], reader: Reader) -> Understanding | None:
    """An opt-out without a rule: short, to the point, and plain to both halves of the reader."""
    for part, row in zip(parts, chances, strict=True):
        if row["opt_out"] < CERTAIN_TOGETHER or not optouts.may_be_certain(text, part):
            continue
        if (chance := reader.lesser(part, "opt_out")) >= CERTAIN:
            found = optouts.OptOut(3, part[:200])
            reason = _("Asks us to stop: “%(words)s”") % {"words": found.evidence}
            return Understanding("opt_out", round(chance, 2), (reason,), languages.detect(text), found)
    return None


def _in_subject(text: str, subject: str) -> optouts.OptOut | None:
    """An opt-out in the subject: in their own words, or a bare keyword above a text that says nothing else."""
    own = _SUBJECT_PREFIX.sub("", subject).strip()
    found = optouts.find(own, is_sms=False) if own else None
    if found is None or (own != subject.strip() and len(text.split()) > 12):
        return None  # "Re: …" is our own subject, and what they wrote counts
    return found if own == subject.strip() or found.evidence in optouts.normalise(own)[:40] else None


def _has_emoji(text: str) -> bool:
    return any(ord(character) > 0x2190 for character in text)


def _parts(text: str) -> list[str]:
    """The text as the reader gets it, without how to leave a newsletter: whole, and by sentence when there are several."""
    body = rules.without_closing_lines(text)
    sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", body) if any(map(str.isalnum, part))]
    said = [part for part in sentences if not signatures.is_about_newsletter(part)]
    if said and len(said) < len(sentences):
        while len(said) > 1 and rules.is_of_signature(said[-1]):
            said.pop()
        body, sentences = " ".join(said), said
    if len(sentences) < 2:
        return [body]
    half = MAX_SENTENCES // 2
    chosen = sentences if len(sentences) <= MAX_SENTENCES else [*sentences[:half], *sentences[-half:]]
    return [body, *chosen]


def _weigh(text: str, subject: str, chances: list[dict[str, float]], today: date) -> Understanding:
    """Rules and reader together."""
    normal = rules.without_closing(optouts.normalise(text)[:1_500])
    spoken = rules.spoken(normal)
    scores = _together(chances)
    for index, (name, _why) in enumerate(spoken):
        for kind in QUESTIONS if name == "question" else (name,):
            scores[kind] = scores.get(kind, log(1e-3)) + (RULE if index == 0 else LESSER_RULE)
    intent = max(scores, key=lambda name: scores[name])
    surest = max(chance for name, chance in chances[0].items() if name in NAMES)
    if len({name for name, _why in spoken}) == 1 and surest < UNSURE:
        intent = spoken[0][0]
    confidence = 1 / sum(exp(score - scores[intent]) for score in scores.values())
    is_confirmed = _CONFIRMS.search(normal) is not None and not _DOUBTS.search(normal)
    if is_confirmed and intent in {"unclear", "positive", "question", "booking"}:
        intent, confidence = "booking", max(confidence, 0.9)
    if intent in UNSETTLED:
        confidence = min(confidence, CLEAR - 0.1)
    suspicion = optouts.suspect(text) or (optouts.suspect(subject) if not _SUBJECT_PREFIX.match(subject) else "")
    until = moment(normal, today=today) if intent == "not_now" else None
    first = spoken[0][0] if spoken else ""
    limits = SUSPECTED_OF_THE_WILLING if intent in WILLING and confidence >= LIKELY else SUSPECTED
    if optouts.asks_for_something(text):
        limits = SUSPECTED_OF_A_REQUEST
    elif intent in YES and first in YES:
        limits = SUSPECTED_OF_A_YES
    if not suspicion and until is None and not optouts.is_negated(text):
        is_odd = limits is SUSPECTED and not (first == "question" and len(normal.split()) < 3)
        suspicion = _sounds_like_stopping(chances, limits, unrelated=UNRELATED if is_odd else 0.0)
    if intent == "abusive" and confidence >= CLEAR_ABUSE <= 2 * max(row["abusive"] for row in chances):
        suspicion = suspicion or "abuse"
    if intent == "opt_out":
        intent = "unclear"  # the reader alone is never certain
    reasons = [why if name == intent else _also(name, why) for name, why in spoken]
    chance = chances[0].get(intent, 0.0)
    if intent not in {name for name, _why in spoken} and chance >= WORTH_TELLING:
        likely = {"intent": _(NAMES[intent]), "chance": f"{chance:.0%}"}
        reasons.insert(0, _("Reads like “%(intent)s” (%(chance)s)") % likely)
    return Understanding(
        intent,
        round(confidence, 2),
        tuple([_("May want us to stop: %(why)s") % {"why": suspicion}, *reasons] if suspicion else reasons),
        languages.detect(text),
        None,
        suspicion,
        until,
        next(iter(addresses_in(text)), "") if intent in {"referral", "wrong_person"} else "",
        is_confirmed and intent == "booking",
    )


def _also(name: str, why: str) -> str:
    return _("Also sounds like “%(intent)s”: %(why)s") % {"intent": _(NAMES[name]), "why": why}


def _together(chances: list[dict[str, float]]) -> dict[str, float]:
    """Log-odds of the whole text and of its most telling sentences."""
    heard = [row | {"negative": row["negative"] + row.get(model.DISMISSAL, 0.0)} for row in chances]
    whole = {name: log(chance + 1e-6) for name, chance in heard[0].items() if name in NAMES}
    if len(heard) == 1:
        return whole
    telling = {name: log(max(row[name] for row in heard[1:]) + 1e-6) for name in whole if name != "unclear"}
    telling["unclear"] = log(min(row["unclear"] for row in heard[1:]) + 1e-6)
    return {name: (whole[name] + telling[name]) / 2 for name in whole}


def _sounds_like_stopping(chances: list[dict[str, float]], limits: tuple[float, float], *, unrelated: float) -> str:
    """What raises a suspicion: that they ask us to stop, scorn or abuse us, or that it answers nothing of ours."""
    of_whole, of_sentence = limits
    whole, *sentences = (sum(row.get(name, 0.0) for name in STOPPING) for row in chances)
    raised = [whole] if whole >= of_whole else [chance for chance in sentences if chance >= of_sentence]
    if raised:
        return _("It sounds like it (%(chance)s)") % {"chance": f"{max(raised):.0%}"}
    if unrelated and whole + unrelated * chances[0].get(model.CHATTER, 0.0) >= of_whole:
        return _("It does not clearly answer us")
    return ""
