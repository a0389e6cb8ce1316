"""Every parser of text from outside, for a moment: what comes is read or refused, never anything else."""

from __future__ import annotations

import random
import time
from itertools import islice

import pytest

from conversations.reading import dates, incoming, introductions
from tests.fuzzing import NOW, TARGETS, defect_of, variants

INPUTS = 40
HOSTILE = (
    b"", b"\x00", b"\xff\xfe\x00", b"\xef\xbb\xbf", b" " * 20_000, b"\n" * 20_000, b"a" * 20_000, b"<" * 20_000, b"(" * 20_000,
    b"[" * 20_000, b'{"all":' * 5_000, b"{{" * 500, b"{% if a %}" * 200, b"<div>" * 4_000, b"> " * 10_000, b"a@" * 10_000,
    b"=?utf-8?b?" * 2_000, b"BEGIN:VEVENT\n" * 2_000, b'"' * 20_001, b"," * 20_000, b"%" * 20_000, b"-" * 20_000, b"1" * 20_000,
    b"\xf0\x9f\x98\x80" * 5_000, b"PK\x03\x04" + b"\x00" * 500, b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 4_000,
)  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_a_hostile_input_is_read_or_refused(name):
    target = TARGETS[name]
    defects = {defect_of(target, raw): raw[:60] for raw in HOSTILE}
    defects.pop("", None)
    assert not defects


@pytest.mark.parametrize(
    "text",
    [
        "in about" + " " * 20_000,
        "Your mail could not be delivered. " + "-" * 20_000,
        "a" + "\n" * 20_000,
        "- " * 10_000,
    ],
)
def test_a_mail_that_repeats_itself_is_read_at_once(text):
    """Patterns that took the square of what they look at, or its cube."""
    head = b"From: jane@firm.example\r\nTo: me@ours.example\r\nContent-Type: text/plain\r\n\r\n"
    began = time.process_time()
    incoming.read(head + text.encode(), now=NOW)
    dates.find_days(text, base=NOW.date())
    introductions.inline_at(text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", TARGETS)
def test_a_broken_variant_of_real_input_is_read_or_refused(name):
    target = TARGETS[name]
    defects = {defect_of(target, raw): raw[:200] for raw in islice(variants(target.seeds, random.Random(7)), INPUTS)}
    defects.pop("", None)
    assert not defects
