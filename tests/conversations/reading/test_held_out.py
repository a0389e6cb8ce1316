"""Quality on cases that were written before the rules and never tuned to. The floors stand below what was measured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from conversations.reading import html, quotes
from tests.conversations.reading.held_out.notices import NOTICES
from tests.conversations.reading.judging import judge

CASES = yaml.safe_load((Path(__file__).parent / "held_out" / "quotes.yaml").read_text())


def text_of(case: dict[str, str]) -> str:
    return case.get("text") or html.html_to_text(case["html"])


def squeezed(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def right_share(split) -> float:
    return sum(squeezed(split(text_of(case))) == squeezed(case["reply"]) for case in CASES) / len(CASES)


def test_our_splitter_finds_the_reply_and_beats_the_library(record_property):
    from mailparser_reply import EmailReplyParser

    library = EmailReplyParser(languages=["en", "de", "cs", "da", "es", "fr", "it", "nl", "pl", "sv"])
    ours, theirs = right_share(lambda text: quotes.split(text).reply), right_share(library.parse_reply)
    record_property("splitter", f"{ours:.0%} against {theirs:.0%} of mail-parser-reply on {len(CASES)} cases")
    assert ours >= 0.95
    assert ours > theirs


def test_notices_and_automatic_answers_are_told_apart(record_property):
    right = [name for name, raw, *wanted in NOTICES if judge(raw) == tuple(wanted)]
    record_property("notices", f"{len(right)} of {len(NOTICES)}")
    assert len(right) / len(NOTICES) >= 0.93


@pytest.mark.parametrize(("name", "raw", "kind", "address", "reason", "is_hard"), NOTICES, ids=[n[0] for n in NOTICES])
def test_nothing_soft_is_ever_judged_hard(name, raw, kind, address, reason, is_hard):
    """The dear mistake: suppressing an address that lives."""
    assert is_hard or not judge(raw)[3]
