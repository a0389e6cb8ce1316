"""Halving at a complaint, growing back slowly, never stopping wholly."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from outreach.limits import throttles
from outreach.limits.throttles import Throttle

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_complaint_halves_the_rate_and_empties_the_bucket():
    slowed = throttles.slow_down(None, 40, NOW)
    assert throttles.rate(slowed, NOW) == 20
    assert throttles.room(slowed, NOW) == 0
    assert throttles.free_at(slowed, NOW) == NOW + timedelta(minutes=3)
    assert throttles.room(slowed, NOW + timedelta(minutes=3)) == 1


def test_complaints_of_one_batch_count_once_and_later_ones_again():
    slowed = throttles.slow_down(None, 40, NOW)
    assert throttles.slow_down(slowed, 40, NOW + timedelta(seconds=30)) == slowed
    again = throttles.slow_down(slowed, 40, NOW + timedelta(minutes=3))
    assert 10 <= throttles.rate(again, NOW + timedelta(minutes=3)) <= 10.5


def test_the_rate_grows_back_a_tenth_of_the_full_one_each_hour():
    slowed = throttles.slow_down(None, 40, NOW)
    assert throttles.rate(slowed, NOW + HOUR) == 24
    assert not throttles.is_recovered(slowed, NOW + 4 * HOUR)
    assert throttles.is_recovered(slowed, NOW + 5 * HOUR)
    assert throttles.rate(slowed, NOW + 50 * HOUR) == 40


def test_a_standing_limit_is_a_bucket_of_a_quarter_of_an_hour():
    standing = throttles.standing(20, NOW)
    assert throttles.room(standing, NOW) == 5
    spent = throttles.spend(standing, 5, NOW)
    assert throttles.room(spent, NOW) == 0
    assert throttles.room(spent, NOW + timedelta(minutes=6)) == 2


@given(
    full=st.floats(1, 10_000),
    steps=st.lists(st.tuples(st.integers(0, 7_200), st.booleans()), max_size=40),
)
def test_whatever_happens_the_rate_stays_between_the_floor_and_the_full_one(full, steps):
    throttle: Throttle | None = None
    now = NOW
    for seconds, complains in steps:
        now += timedelta(seconds=seconds)
        if complains or throttle is None:
            throttle = throttles.slow_down(throttle, full, now)
        taken = throttles.room(throttle, now)
        assert 0 <= taken <= max(1, full * throttles.BURST_SHARE)
        throttle = throttles.spend(throttle, taken, now)
        assert throttles.FLOOR_PER_HOUR <= throttles.rate(throttle, now) <= full + 1e-9
        assert throttles.from_json(throttles.to_json(throttle)) == throttle


@given(full=st.integers(1, 200), minutes=st.lists(st.integers(1, 30), min_size=1, max_size=60))
def test_no_more_than_the_rate_and_one_burst_is_ever_taken(full, minutes):
    throttle, now, taken = throttles.standing(full, NOW), NOW, 0
    for wait in minutes:
        now += timedelta(minutes=wait)
        count = throttles.room(throttle, now)
        throttle, taken = throttles.spend(throttle, count, now), taken + count
    hours = (now - NOW).total_seconds() / 3600
    assert taken <= full * hours + max(1, full * throttles.BURST_SHARE) + 1e-6
