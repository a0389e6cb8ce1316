"""The time for a call that somebody names."""

from __future__ import annotations

from datetime import date, time

import pytest

from conversations.replies.times import Named, named

TODAY = date(2026, 11, 30)
"""A Monday."""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Can we have a call on Thursday afternoon? Any time after 2 pm is fine.",
            Named(date(2026, 12, 3), None, time(14), None),
        ),
        ("Tuesday at 10 works", Named(date(2026, 12, 1), time(10))),
        ("Tomorrow 3pm?", Named(date(2026, 12, 1), time(15))),
        ("Let's do Friday 14:30", Named(date(2026, 12, 4), time(14, 30))),
        ("How about Wednesday morning?", Named(date(2026, 12, 2), None, time(9), time(12))),
        ("Давайте созвонимся в четверг в 15:00", Named(date(2026, 12, 3), time(15))),
        ("Удобно завтра после 14", Named(date(2026, 12, 1), None, time(14))),
        ("во вторник утром", Named(date(2026, 12, 1), None, time(9), time(12))),
        ("Tell me more, please", None),
        ("What does it cost?", None),
    ],
)
def test_a_named_time_is_found(text, found):
    assert named(text, today=TODAY) == found


def test_within_a_span_half_an_hour_in_is_proposed():
    assert Named(TODAY, None, time(14), None).proposed == time(14, 30)
    assert Named(TODAY, time(10)).proposed == time(10)
    assert Named(TODAY).proposed is None
