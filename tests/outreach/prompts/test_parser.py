"""Packs are read with errors that name the line."""

import pytest

from outreach.prompts.parser import PackError, parse

GOOD = """---
name: note
channel: email
languages: [en, ru]
inputs:
  trusted: {sender_name: Who signs}
  untrusted: {first_name: Name}
output:
  subject: {type: string}
  body: {type: string}
variants: {direct: Straight, casual: Soft}
---

# system

Write a note.

# user

To {{ first_name|them }}

# template en

Subject: Hello
Hi {{ first_name|there }}, {{ sender_name }}

# template ru casual

Subject: Привет
{{ sender_name }}
"""


def test_a_pack_has_front_matter_and_sections():
    pack = parse(GOOD)
    assert (pack.name, pack.languages, pack.variant_names()) == ("note", ["en", "ru"], ["direct", "casual"])
    assert pack.section("template", "en", "direct").text.startswith("Subject: Hello")
    assert pack.section("template", "ru", "casual").text.startswith("Subject: Привет")
    assert pack.section("template", "ru", "direct") is None
    assert pack.section("system", "ru", "direct").text == "Write a note."


def test_the_version_is_its_content_not_its_white_space():
    again = GOOD.replace("# user\n\n", "# user\n\n\n").replace(
        "channel: email\nlanguages: [en, ru]", "languages:\n  - en\n  - ru\nchannel: email"
    )
    assert parse(again).sha() == parse(GOOD).sha()
    assert parse(GOOD.replace("a note", "two notes")).sha() != parse(GOOD).sha()


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("# system\nx", 1, "front matter"),
        ("---\nname: x\n", 1, "closing line"),
        ("---\nname: x: y\n---\n", 2, "YAML"),
        ("---\n- a\n---\n", 2, "mapping"),
        (GOOD.replace("channel: email", "channel: pigeon"), 3, "channel"),
        (GOOD.replace("subject: {type: string}", "subject: {type: poem}"), 9, "output.subject.type"),
        (GOOD.replace("channel: email", "colour: red"), 3, "colour"),
        (GOOD.replace("languages: [en, ru]", "languages: []"), 4, "languages"),
        (GOOD.replace("# user", "# reader"), 18, "Unknown section “# reader”"),
        (GOOD.replace("# template ru casual", "# template ru poetic"), 27, "“poetic” is not declared"),
        (GOOD.replace("# user", "# system"), 18, "appears twice"),
        (GOOD.replace("# system", "stray"), 14, "before the first heading"),
    ],
)
def test_errors_name_the_line(source, line, words):
    with pytest.raises(PackError) as error:
        parse(source, file_name="note.md")
    assert words in error.value.reason
    assert error.value.line == line
    assert error.value.reason.startswith(f"note.md:{line}:")
