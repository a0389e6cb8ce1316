"""Every parser of text from outside, for a moment: what comes is read or refused, never anything else."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from tests.fuzzing import TARGETS, defect_of, variants

INPUTS = 40
HOSTILE = (
    b"", b"\x00", b"\xff\xfe\x00", b"\xef\xbb\xbf", b" " * 20_000, b"\n" * 20_000, b"a" * 20_000, b"<" * 20_000, b"(" * 20_000,
    b"[" * 20_000, b'{"all":' * 5_000, b"{{" * 5_000, b"{% if a %}" * 2_000, b"<div>" * 4_000, b"> " * 10_000, b"a@" * 10_000,
    b"=?utf-8?b?" * 2_000, b"BEGIN:VEVENT\n" * 2_000, b'"' * 20_001, b"," * 20_000, b"%" * 20_000, b"-" * 20_000, b"1" * 20_000,
    b"\xf0\x9f\x98\x80" * 5_000, b"PK\x03\x04" + b"\x00" * 500, b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 4_000,
)  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_a_hostile_input_is_read_or_refused(name):
    target = TARGETS[name]
    defects = {defect_of(target, raw): raw[:60] for raw in HOSTILE}
    defects.pop("", None)
    assert not defects


@pytest.mark.parametrize("name", TARGETS)
def test_a_broken_variant_of_real_input_is_read_or_refused(name):
    target = TARGETS[name]
    defects = {defect_of(target, raw): raw[:200] for raw in islice(variants(target.seeds, random.Random(7)), INPUTS)}
    defects.pop("", None)
    assert not defects
