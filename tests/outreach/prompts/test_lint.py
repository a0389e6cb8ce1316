"""Lint says what would go wrong, with a code and a line."""

import pytest
from django.conf import settings

from outreach.core.sms_segments import segment_count
from outreach.prompts import descriptions, lint
from outreach.prompts.parser import parse
from tests.outreach.prompts.test_parser import GOOD

COMPLETE = GOOD + "\n# template ru direct\n\nSubject: Да\nДа, {{ sender_name }}\n"


def codes(source: str) -> set[str]:
    return {f.code for f in lint.lint(parse(source))}


@pytest.mark.parametrize(
    "path",
    sorted([*settings.BASE_DIR.glob("*/*/packs/*.md"), *settings.BASE_DIR.glob("*/*/judges/*.md")]),
    ids=lambda p: p.stem,
)
def test_the_shipped_packs_are_clean(path):
    pack = parse(path.read_text(encoding="utf-8"), file_name=path.name)
    assert lint.lint(pack) == []
    assert pack.description in descriptions.SHIPPED, "translate it in outreach/prompts/descriptions.py"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (COMPLETE.replace("{{ sender_name }}", "{{ sender_name }"), "P01"),
        (COMPLETE.replace("Write a note.", "Write for {{ who }}."), "P02"),
        (COMPLETE.replace("sender_name: Who signs", "sender_name: Who signs, spare: Nothing"), "P03"),
        (COMPLETE.replace("Write a note.", "Write to {{ first_name }}."), "P04"),
        (COMPLETE.replace("  body: {type: string}\n", ""), "P05"),
        (GOOD, "P06"),
        (COMPLETE.replace("variants:", "guardrails: {must_have: {en: [unsubscribe]}}\nvariants:"), "P07"),
        (COMPLETE.replace("channel: email", "channel: sms"), "P07"),
        (COMPLETE.replace("variants:", "guardrails: {max_length: {en: 5}}\nvariants:"), "P08"),
        (COMPLETE.replace("variants:", "guardrails: {banned_phrases: {en: [hi]}}\nvariants:"), "P09"),
        (COMPLETE.replace("Hi {{", "We save you 40 %. Hi {{"), "P10"),
        (
            COMPLETE.replace(
                "variants:",
                "tests: [{name: t, variant: direct, inputs: {sender_name: A}, assert: [{type: contains, value: Z}]}]\nvariants:",
            ),
            "P11",
        ),
        (COMPLETE.replace("[en, ru]", "[en, xx]"), "P12"),
    ],
)
def test_each_fault_has_its_code(source, code):
    assert codes(COMPLETE) == set()
    assert code in codes(source)


def test_findings_carry_the_line():
    finding = lint.lint(parse(COMPLETE.replace("Write a note.", "Write for {{ who }}.")))[0]
    assert (finding.code, finding.line) == ("P02", 16)


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 135, 3),
        ("😀" * 35, 1),
    ],
)
def test_sms_segments(text, segments):
    assert segment_count(text) == segments
