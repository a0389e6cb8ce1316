"""Quality of the intent rules on utterances that were written before them and never tuned to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from conversations.replies import intents

TODAY = date(2025, 3, 3)
LINES = [
    line.split("\t", 1)
    for line in (Path(__file__).parent / "held_out" / "intents.tsv").read_text().splitlines()
    if line and not line.startswith("#")
]


def intent(text: str) -> str:
    return intents.understand(text, today=TODAY).intent


def test_intents_are_recognised(record_property):
    right = sum(
        intent(text) != "opt_out" if wanted == "not:opt_out" else intent(text) == wanted for wanted, text in LINES
    )
    record_property("intents", f"{right} of {len(LINES)}")
    assert right / len(LINES) >= 0.95


def test_opt_outs_are_caught_and_nothing_else_is(record_property):
    asked = [text for wanted, text in LINES if wanted == "opt_out"]
    caught = [text for text in asked if intent(text) == "opt_out"]
    false = [text for wanted, text in LINES if wanted != "opt_out" and intent(text) == "opt_out"]
    record_property("opt-outs", f"{len(caught)} of {len(asked)} caught, {len(false)} false")
    assert not false
    assert len(caught) / len(asked) >= 0.95
