"""Waits between attempts: from seconds to a day, with jitter, a limited number."""

from datetime import UTC, datetime, timedelta
from random import Random

from outreach.webhooks import retries


def waits(seed):
    dice = Random(seed)
    return [retries.next_wait(attempt, dice=dice) for attempt in range(1, retries.MAX_ATTEMPTS + 1)]


def test_waits_grow_from_five_seconds_to_a_day_and_end():
    found = waits(1)
    assert found[-1] is None and len(found) == 10
    assert timedelta(seconds=5) <= found[0] <= timedelta(seconds=6)
    assert timedelta(hours=24) <= found[-2] <= timedelta(hours=28.8)
    assert found[:-1] == sorted(found[:-1])


def test_what_failed_together_does_not_come_back_together():
    assert len({waits(seed)[0] for seed in range(50)}) == 50


def test_a_receiver_may_ask_for_more_time_but_not_for_ever():
    assert retries.next_wait(1, asked=timedelta(minutes=3)) == timedelta(minutes=3)
    assert retries.next_wait(1, asked=timedelta(days=30)) == timedelta(hours=24)
    assert retries.next_wait(9, asked=timedelta(seconds=1)) >= timedelta(hours=24)


def test_five_days_of_failures_are_enough():
    now = datetime(2026, 3, 10, tzinfo=UTC)
    assert not retries.is_given_up(None, now=now)
    assert not retries.is_given_up(now - timedelta(days=4, hours=23), now=now)
    assert retries.is_given_up(now - timedelta(days=5), now=now)
