from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.inbound.reading import quotes
from conversations.inbound.reading.html import html_to_text
from conversations.inbound.reading.text import clean
from tests.conversations.inbound.reading.test_held_out import squeezed, text_of

CASES = yaml.safe_load((Path(__file__).parent / "quotes.yaml").read_text())
LINES = st.sampled_from(
    [
        "Yes, call me",
        "> quoted",
        ">> twice",
        "",
        "-- ",
        "On Mon, 3 Mar 2025 at 16:12, Ann <ann@x.example> wrote:",
        "3 марта 2025 г., 16:12, Анна <ann@x.example> пишет:",
        "-----Original Message-----",
        "From: Ann",
        "Sent: Monday",
        "To: Bob",
        "________________",
        "Отправлено с iPhone",
        "Sent from my iPhone",
        "Regards,",
        "Да, во вторник",
    ]
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_reply_is_found(case):
    assert squeezed(quotes.split(text_of(case)).reply) == squeezed(case["reply"])


def words(*texts: str) -> Counter[str]:
    return Counter(" ".join(texts).split())


@given(st.lists(st.one_of(LINES, st.text(max_size=60)), max_size=30).map("\n".join))
@settings(max_examples=300, deadline=None)
def test_no_text_is_ever_lost_or_invented(text):
    found = quotes.split(text)
    assert words(found.reply, found.quoted, found.signature) == words(clean(text))


@given(st.text(max_size=3_000))
@settings(max_examples=100, deadline=None)
def test_html_of_any_shape_is_read(html):
    html_to_text(f"<div>{html}<blockquote>x")


def test_a_long_thread_is_split_in_linear_time():
    text = "Yes\n\n" + "On Mon, 3 Mar 2025 at 16:12, Ann <ann@x.example> wrote:\n" + "> words " * 20_000
    assert quotes.split(text).reply == "Yes"
    quotes.split("On " + "a " * 100_000 + ":")
