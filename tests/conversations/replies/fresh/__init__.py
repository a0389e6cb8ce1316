"""Lists of replies and questions that were written before the rules were changed for them, and how well they are read.

`python -m tests.conversations.replies.fresh` prints every figure for both halves; with `tuned` it names the lines of the
tuned half that are read wrongly. The other half is only ever counted. With `corpus FILE` it counts the lines of a file of
ordinary utterances that opt out or are held by mistake.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from zlib import crc32

from conversations.playbooks.definition import Fact
from conversations.reading import incoming
from conversations.replies import intents
from conversations.replies.finding import Match, fact_for
from conversations.replies.intents import Understanding

TODAY = date(2026, 3, 3)
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Line:
    """One line of a list: its columns, and whether it is kept aside."""

    columns: tuple[str, ...]
    is_aside: bool

    @property
    def text(self) -> str:
        return self.columns[-1].replace("\\n", "\n")


@cache
def lines(name: str) -> tuple[Line, ...]:
    """The lines of a list: half of them are kept aside, by hash or, in a list of families ("= name"), every second family."""
    found, families = [], 0
    for row in (FOLDER / f"{name}.tsv").read_text().splitlines():
        if row.startswith("= "):
            families += 1
        elif row and not row.startswith("#"):
            is_aside = families % 2 == 0 if families else crc32(row.encode()) % 2 == 1
            found.append(Line(tuple(row.split("\t")), is_aside))
    return tuple(found)


def understand(line: Line, how: str = "text") -> Understanding:
    """What a line wants, whether it came as a text, as the subject of an empty mail or as the body of a mail."""
    if how == "text":
        return intents.understand(line.text, today=TODAY)
    subject, body = ("Re: Your rota", line.text) if how == "mail" else (line.text, "")
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Sue Hart <sue@northgate.example>", subject
    mail.set_content(body)
    return intents.understand(incoming.read(mail.as_bytes(), now=NOW).words, today=TODAY, subject=subject, is_sms=False)


def is_stopped(line: Line) -> bool:
    """Whether an opt-out is suppressed or at least held."""
    found = understand(line, line.columns[1])
    return found.opt_out is not None or found.is_held


def is_suppressed(line: Line) -> bool:
    return understand(line, line.columns[1]).opt_out is not None


def is_left_alone(line: Line) -> bool:
    """Whether an ordinary answer is neither suppressed nor held."""
    found = understand(line)
    return found.opt_out is None and not found.is_held


def is_not_suppressed(line: Line) -> bool:
    return understand(line).opt_out is None


def has_its_intent(line: Line) -> bool:
    return understand(line).intent == line.columns[0]


@cache
def facts(product: str) -> tuple[Fact, ...]:
    """What a playbook knows of a product."""
    told = json.loads((FOLDER / "facts.json").read_text())[product]
    return tuple(Fact(about=about, text=text) for about, text in told.items())


def match(line: Line) -> Match | None:
    """What the playbook says to a question."""
    return fact_for(line.text, facts(line.columns[0]))


def finds_its_fact(line: Line) -> bool:
    """Whether the fact is found that answers the question, or none where none does."""
    found = match(line)
    return (found.fact.about if found else "-") == line.columns[2]


def finds_a_wrong_fact(line: Line) -> bool:
    """Whether a fact is found that does not answer."""
    found = match(line)
    return found is not None and found.fact.about != line.columns[2]


FIGURES: list[tuple[str, str, Callable[[Line], bool]]] = [
    ("opt_outs", "opt-outs suppressed or held", is_stopped),
    ("opt_outs", "opt-outs suppressed at once", is_suppressed),
    ("ordinary", "ordinary answers neither suppressed nor held", is_left_alone),
    ("ordinary", "ordinary answers not suppressed", is_not_suppressed),
    ("intents", "intents", has_its_intent),
    ("last_opt_outs", "last opt-outs suppressed or held", is_stopped),
    ("last_opt_outs", "last opt-outs suppressed at once", is_suppressed),
    ("last_ordinary", "last ordinary answers neither suppressed nor held", is_left_alone),
    ("last_ordinary", "last ordinary answers not suppressed", is_not_suppressed),
    ("last_intents", "last intents", has_its_intent),
    ("families_opt_outs", "opt-outs in families suppressed or held", is_stopped),
    ("families_opt_outs", "opt-outs in families suppressed at once", is_suppressed),
    ("families_ordinary", "ordinary in families neither suppressed nor held", is_left_alone),
    ("families_ordinary", "ordinary in families not suppressed", is_not_suppressed),
    ("families_intents", "intents in families", has_its_intent),
    ("closing_opt_outs", "closing opt-outs suppressed or held", is_stopped),
    ("closing_opt_outs", "closing opt-outs suppressed at once", is_suppressed),
    ("closing_ordinary", "closing ordinary answers neither suppressed nor held", is_left_alone),
    ("closing_ordinary", "closing ordinary answers not suppressed", is_not_suppressed),
    ("closing_intents", "closing intents", has_its_intent),
    ("dev_opt_outs", "development opt-outs suppressed or held", is_stopped),
    ("dev_ordinary", "development ordinary answers neither suppressed nor held", is_left_alone),
    ("dev_ordinary", "development ordinary answers not suppressed", is_not_suppressed),
    ("frozen_opt_outs", "frozen opt-outs suppressed or held", is_stopped),
    ("frozen_opt_outs", "frozen opt-outs suppressed at once", is_suppressed),
    ("frozen_ordinary", "frozen ordinary answers neither suppressed nor held", is_left_alone),
    ("frozen_ordinary", "frozen ordinary answers not suppressed", is_not_suppressed),
    ("wide_opt_outs", "wide opt-outs suppressed or held", is_stopped),
    ("wide_opt_outs", "wide opt-outs suppressed at once", is_suppressed),
    ("wide_ordinary", "wide ordinary answers neither suppressed nor held", is_left_alone),
    ("wide_ordinary", "wide ordinary answers not suppressed", is_not_suppressed),
    ("wide_intents", "wide intents", has_its_intent),
    ("facts", "facts found", finds_its_fact),
    ("facts", "wrong facts found", finds_a_wrong_fact),
]


def corpus(texts: Sequence[str]) -> tuple[list[str], int]:
    """Of ordinary utterances: those that opt out by mistake, and how many more are held."""
    read = list(intents.understand_all(((text, "") for text in texts), today=TODAY))
    wrong = [text for text, found in zip(texts, read, strict=True) if found.opt_out is not None]
    return wrong, sum(found.is_held for found in read)
