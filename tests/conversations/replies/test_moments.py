"""Dates in words."""

from datetime import date

import pytest

from conversations.replies.moments import moment
from conversations.replies.optouts import normalise

MONDAY = date(2025, 3, 3)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("after the 15th please", date(2025, 3, 16)),
        ("not before the 20th", date(2025, 3, 20)),
        ("next April", date(2025, 4, 1)),
        ("занят до конца июня", date(2025, 6, 30)),
        ("in two weeks", date(2025, 3, 17)),
        ("in a month or two", date(2025, 4, 2)),
        ("Q3", date(2025, 7, 1)),
        ("в третьем квартале", date(2025, 7, 1)),
        ("when I'm back on Monday", date(2025, 3, 10)),
        ("до понедельника", date(2025, 3, 10)),
        ("write on 15 June", date(2025, 6, 15)),
        ("June 15th would suit", date(2025, 6, 15)),
        ("after June", date(2025, 7, 1)),
        ("in January", date(2026, 1, 1)),
        ("через пару месяцев", date(2025, 5, 2)),
        ("через полгода", date(2025, 9, 1)),
        ("после 15-го", date(2025, 3, 16)),
        ("after the holidays", date(2026, 1, 10)),
        ("after the summer", date(2025, 9, 1)),
        ("after Easter", date(2025, 4, 22)),
        ("closer to Christmas", date(2025, 12, 10)),
        ("not this year", date(2026, 1, 10)),
        ("end of the quarter", date(2025, 4, 1)),
        ("03.05.2026", date(2026, 5, 3)),
        ("2026-05-03", date(2026, 5, 3)),
        ("nach dem Sommer", date(2025, 9, 1)),
        ("en dos meses", date(2025, 5, 2)),
        ("dans deux mois", date(2025, 5, 2)),
        ("hasta el lunes", date(2025, 3, 10)),
        ("não antes de março", date(2026, 3, 1)),
    ],
)
def test_the_day_to_ask_again(text, until):
    assert moment(normalise(text), today=MONDAY) == until


@pytest.mark.parametrize("text", ["later", "at 10:30", "a budget of 15%", "I may be interested", "31.02.2026", "99/99"])
def test_no_day_is_made_up(text):
    assert moment(normalise(text), today=MONDAY) is None


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2025, 1, 31), date(2025, 12, 31)])
def test_every_day_of_the_calendar_has_an_answer(day):
    for text in ("after the 31st", "end of february", "next month", "next quarter", "on monday", "in q1", "mid-june"):
        found = moment(normalise(text), today=day)
        assert found is not None and found > day


@pytest.mark.parametrize(
    ("text", "today", "until"),
    [
        ("try me in March", date(2026, 3, 4), date(2027, 3, 1)),
        ("напишите в марте", date(2026, 3, 4), date(2027, 3, 1)),
        ("after March", date(2026, 3, 4), date(2026, 4, 1)),
        ("после марта", date(2026, 3, 4), date(2026, 4, 1)),
        ("after December", date(2026, 12, 4), date(2027, 1, 1)),
        ("end of March", date(2026, 3, 4), date(2026, 3, 31)),
        ("до конца марта", date(2026, 3, 4), date(2026, 3, 31)),
        ("on Monday", date(2026, 3, 2), date(2026, 3, 9)),
        ("в понедельник", date(2026, 3, 2), date(2026, 3, 9)),
        ("next Monday", date(2026, 3, 2), date(2026, 3, 9)),
        ("in Q1", date(2026, 2, 10), date(2027, 1, 1)),
        ("в первом квартале", date(2026, 2, 10), date(2027, 1, 1)),
        ("в 1-м квартале", date(2026, 2, 10), date(2027, 1, 1)),
        ("end of Q1", date(2026, 2, 10), date(2026, 3, 31)),
        ("after Q1", date(2026, 2, 10), date(2026, 4, 1)),
        ("после первого квартала", date(2026, 2, 10), date(2026, 4, 1)),
        ("after the first quarter", date(2026, 2, 10), date(2026, 4, 1)),
        ("in the second half of the year", date(2026, 2, 10), date(2026, 7, 1)),
        ("во втором полугодии", date(2026, 9, 10), date(2027, 7, 1)),
        ("after the summer", date(2026, 7, 10), date(2026, 9, 1)),
        ("после лета", date(2026, 7, 10), date(2026, 9, 1)),
        ("in summer", date(2026, 7, 10), date(2027, 6, 1)),
        ("after the 4th", date(2026, 3, 4), date(2026, 4, 5)),
    ],
)
def test_within_a_period_its_name_means_the_next_one_and_its_end_this_one(text, today, until):
    assert moment(normalise(text), today=today) == until
