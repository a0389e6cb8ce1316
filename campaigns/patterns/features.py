"""What can be said about a first message: its angle, length, opening, time, words, and whom it went to. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy

from outreach.core.words import gettext as _

Feature = tuple[str, str]
"""(family, value)"""
FAMILIES = {
    "angle": gettext_lazy("Angle"),
    "length": gettext_lazy("Length"),
    "subject_length": gettext_lazy("Subject"),
    "subject_form": gettext_lazy("Subject"),
    "opening": gettext_lazy("Opening"),
    "ending": gettext_lazy("Ending"),
    "weekday": gettext_lazy("Weekday"),
    "hours": gettext_lazy("Sent at"),
    "segment": gettext_lazy("Segment"),
    "industry": gettext_lazy("Industry"),
    "country": gettext_lazy("Country"),
    "word": gettext_lazy("Word"),
}
BETWEEN_CAMPAIGNS = ("segment",)
"""The same for everyone in a campaign: compared between campaigns, everything else within each."""
LENGTHS = ((50, "<50"), (80, "50–80"), (120, "80–120"))
SUBJECT_LENGTHS = ((4, "1–3"), (7, "4–6"))
HOURS = ((9, "0–9"), (12, "9–12"), (15, "12–15"), (18, "15–18"))
LEAST_LETTERS = 4
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_GREETING = re.compile(r"^[^\n.!?]{1,60}[,!]\s*\n")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")


@dataclass(frozen=True)
class Sent:
    """A first message and what is known of it. `at` is in the zone of the reader."""

    angle: str
    subject: str
    body: str
    at: datetime
    segment: str
    industry: str
    country: str


def features_of(sent: Sent) -> Iterator[Feature]:
    """Everything that holds for a message; families other than words have one value at most."""
    words = _WORD.findall(sent.body)
    yield "angle", sent.angle
    yield "length", _class_of(len(words), LENGTHS, "120+")
    if sent.subject:
        yield "subject_length", _class_of(len(sent.subject.split()), SUBJECT_LENGTHS, "7+")
        yield "subject_form", "question" if sent.subject.rstrip().endswith("?") else "statement"
    if opening := opening_of(sent.body):
        yield "opening", opening
    yield "ending", "question" if _ends_with_question(sent.body) else "statement"
    yield "weekday", str(sent.at.isoweekday())
    yield "hours", _class_of(sent.at.hour, HOURS, "18–24")
    for family, value in (("segment", sent.segment), ("industry", sent.industry), ("country", sent.country)):
        if value:
            yield family, value
    for word in {word.lower() for word in words if len(word) >= LEAST_LETTERS}:
        yield "word", word


def opening_of(body: str) -> str:
    """The first two words after the greeting."""
    return " ".join(_WORD.findall(_GREETING.sub("", body.lstrip(), count=1)[:120])[:2]).lower()


def label_of(feature: Feature) -> str:
    """The feature in words."""
    family, value = feature
    match family:
        case "length":
            return _("%(range)s words") % {"range": value}
        case "subject_length":
            return _("subject of %(range)s words") % {"range": value}
        case "subject_form":
            return _("the subject is a question") if value == "question" else _("the subject is a statement")
        case "ending":
            return _("it ends with a question") if value == "question" else _("it ends without a question")
        case "weekday":
            return str(WEEKDAYS[int(value) - 1])
        case "hours":
            return _("between %(range)s h") % {"range": value}
        case "opening":
            return _("begins with “%(words)s”") % {"words": value}
        case "word":
            return _("“%(word)s”") % {"word": value}
    return value


def _class_of(number: int, classes: tuple[tuple[int, str], ...], rest: str) -> str:
    return next((name for below, name in classes if number < below), rest)


def _ends_with_question(body: str) -> bool:
    """Whether the last sentence before the signature (the last paragraph of more than four words) asks something."""
    paragraphs = [p for p in re.split(r"\n\s*\n", body.strip()) if len(p.split()) > LEAST_LETTERS]
    if not paragraphs:
        return False
    ends = _SENTENCE_END.findall(paragraphs[-1])
    return bool(ends) and "?" in ends[-1]
