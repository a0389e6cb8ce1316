from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.limits import buckets, windows
from outreach.limits.windows import DAY, HOUR, WEEK, Limits

NOW = datetime(2026, 3, 2, 10, 7, tzinfo=UTC)


def test_what_was_used_leaves_the_window_after_its_length():
    usage = windows.add({}, 3, NOW)
    assert windows.used(usage, HOUR, NOW + timedelta(minutes=59)) == 3
    assert windows.used(usage, HOUR, NOW + timedelta(minutes=66)) == 0
    assert windows.used(usage, DAY, NOW + timedelta(hours=24)) == 3
    assert windows.used(usage, DAY, NOW + timedelta(hours=25)) == 0
    assert windows.used(usage, WEEK, NOW + timedelta(days=7)) == 3


def test_room_is_the_least_of_all_caps_and_none_without_caps():
    usage = windows.add({}, 3, NOW)
    assert windows.room(usage, Limits(hourly=10, daily=4, weekly=100), NOW) == 1
    assert windows.room(usage, Limits(), NOW) is None
    assert windows.room(usage, Limits(daily=2), NOW) == 0


def test_it_says_when_there_is_room_again():
    usage = windows.add(windows.add({}, 1, NOW), 1, NOW + timedelta(minutes=30))
    free = windows.frees_at(usage, HOUR, 2, NOW + timedelta(minutes=31))
    assert windows.used(usage, HOUR, free) < 2
    assert windows.used(usage, HOUR, free - timedelta(seconds=1)) == 2
    assert windows.frees_at(usage, HOUR, 0, NOW) is None
    assert windows.all_free_at(usage, Limits(hourly=2, daily=50), NOW) >= free


def test_what_is_given_back_counts_no_more():
    usage = windows.add({}, 3, NOW)
    assert windows.used(windows.withdraw(usage, 2, NOW), DAY, NOW) == 1
    assert windows.withdraw(usage, 9, NOW)["hours"] == {}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 600), min_size=1, max_size=80), st.integers(1, 10))
def test_no_true_rolling_hour_ever_holds_more_than_the_cap(gaps, cap):
    usage: dict = {}
    taken = []
    now = NOW
    for gap in gaps:
        now += timedelta(seconds=gap)
        if windows.room(usage, Limits(hourly=cap), now):
            usage = windows.add(usage, 1, now)
            taken.append(now)
        assert sum(1 for moment in taken if moment > now - timedelta(hours=1)) <= cap


def test_a_bucket_lets_a_burst_through_and_then_the_rate():
    rate = buckets.Rate(per_second=2, burst=3)
    bucket, wait = buckets.take(None, rate, 3, NOW)
    assert not wait
    bucket, wait = buckets.take(bucket, rate, 1, NOW)
    assert wait == timedelta(seconds=0.5)
    bucket, wait = buckets.take(bucket, rate, 1, NOW + wait)
    assert not wait


def test_a_clock_that_goes_backwards_fills_no_bucket():
    rate = buckets.Rate(per_second=1, burst=5)
    bucket, _ = buckets.take(None, rate, 5, NOW)
    assert buckets.refilled(bucket, rate, NOW - timedelta(hours=1)).tokens == 0


def test_more_than_the_burst_passes_once_the_bucket_is_full_and_leaves_a_debt():
    rate = buckets.Rate(per_second=1, burst=2)
    bucket, wait = buckets.take(None, rate, 5, NOW)
    assert not wait and bucket.tokens == -3
