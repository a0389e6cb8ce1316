"""The moment that somebody typed into a small box."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from conversations.inbox.times import typed_moment

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 4, 14, 30, tzinfo=BERLIN)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("tomorrow 9", (3, 5), (9, 0)),
        ("tomorrow at 15:30", (3, 5), (15, 30)),
        ("tomorrow 3 pm", (3, 5), (15, 0)),
        ("12 am tomorrow", (3, 5), (9, 0)),
        ("next Monday", (3, 9), (9, 0)),
        ("next Monday 16:00", (3, 9), (16, 0)),
        ("in 2 weeks", (3, 18), (9, 0)),
        ("15 May", (5, 15), (9, 0)),
        ("15 May at 9:45", (5, 15), (9, 45)),
        ("2026-05-15T08:15", (5, 15), (8, 15)),
        ("18:00", (3, 4), (18, 0)),
        ("через неделю", (3, 11), (9, 0)),
        ("завтра в 15:30", (3, 5), (15, 30)),
        ("в пятницу 11", (3, 6), (11, 0)),
        ("morgen um 8", (3, 5), (8, 0)),
    ],
)
def test_a_typed_moment(text, day, at):
    assert typed_moment(text, now=NOW) == datetime(2026, *day, *at, tzinfo=BERLIN)


@pytest.mark.parametrize("text", ["", "soon", "9", "2026-13-45", "99:99"])
def test_what_is_no_moment(text):
    assert typed_moment(text, now=NOW) is None
