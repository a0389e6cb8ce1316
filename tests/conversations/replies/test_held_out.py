"""Quality of the intent rules on utterances that were written before them and never tuned to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from conversations.replies import intents

TODAY = date(2025, 3, 3)


def lines_of(file: str) -> list[list[str]]:
    text = (Path(__file__).parent / "held_out" / file).read_text()
    return [line.split("\t", 1) for line in text.splitlines() if line and not line.startswith("#")]


LINES = lines_of("intents.tsv")


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


def test_rules_and_reader_together_stop_for_those_who_ask_and_for_nobody_else(record_property):
    lines = lines_of("wordings.tsv")
    read = list(intents.understand_all(((text, "") for _, text in lines), today=TODAY))
    asked = [found for (wanted, _), found in zip(lines, read, strict=True) if wanted == "stop"]
    others = [(wanted, found) for (wanted, _), found in zip(lines, read, strict=True) if wanted != "stop"]
    stopped = [found for found in asked if found.opt_out or found.is_held]
    told = [(wanted, found.intent) for wanted, found in others if wanted != "go on"]
    record_property("wordings", f"{len(stopped)} of {len(asked)} stopped; {told}")
    assert not [found for _, found in others if found.opt_out]
    assert len(stopped) / len(asked) >= 0.98
    assert sum(wanted == found for wanted, found in told) / len(told) >= 0.95
