"""A memory fades with the days; what matters, what was said twice and what led to a call is kept."""

from __future__ import annotations

import pytest

from conversations.memory.forgetting import FADED, days_until_faded, is_kept, strength


def test_a_day_leaves_95_percent_of_a_short_term_memory():
    assert strength(importance=1, days=1) == pytest.approx(0.95)
    assert strength(importance=0.6, days=10) == pytest.approx(0.6 * 0.95**10)


def test_repetition_slows_forgetting():
    assert strength(importance=0.6, days=10, mentions=2) == pytest.approx(0.6 * 0.95**5)


def test_long_term_memory_fades_thirty_times_as_slowly():
    assert strength(importance=1, days=30, is_long_term=True) == pytest.approx(0.95)


def test_the_future_counts_as_today():
    assert strength(importance=0.6, days=-3) == 0.6


@pytest.mark.parametrize(("importance", "mentions"), [(0.6, 1), (0.6, 3), (0.2, 1)])
def test_it_goes_on_the_day_on_which_it_has_faded(importance, mentions):
    days = days_until_faded(importance=importance, mentions=mentions)
    assert strength(importance=importance, days=days, mentions=mentions) == pytest.approx(FADED)


def test_what_is_weaker_than_that_goes_at_once():
    assert days_until_faded(importance=0.05) == 0


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"importance": 0.71}, True),
        ({"importance": 0.7}, False),
        ({"importance": 0.3, "mentions": 2}, True),
        ({"importance": 0.3, "has_succeeded": True}, True),
    ],
)
def test_what_is_kept_for_good(values, kept):
    assert is_kept(**values) is kept
