"""Which lane of an account has its turn, and when it has it again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conversations.network.lanes import (
    CHECK_PENDING,
    CONNECT,
    FOLLOW_UP,
    LONGEST,
    POLL,
    Lane,
    choose,
    is_given_up,
    jittered,
    next_major_at,
    recheck_after,
)

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ({POLL: NOW, FOLLOW_UP: NOW, CHECK_PENDING: NOW, CONNECT: NOW}, CONNECT),
        ({POLL: NOW, FOLLOW_UP: NOW, CHECK_PENDING: NOW, CONNECT: SOON}, CHECK_PENDING),
        ({POLL: NOW, FOLLOW_UP: NOW, CHECK_PENDING: None}, FOLLOW_UP),
        ({POLL: NOW, FOLLOW_UP: LATER}, POLL),
        ({POLL: SOON, CONNECT: None}, None),
    ],
)
def test_the_most_important_of_the_lanes_that_are_due(due, expected):
    chosen = choose([Lane(name, at) for name, at in due.items()], NOW)
    assert (chosen.name if chosen else None) == expected


def test_the_gap_lasts_until_the_next_lane_has_work():
    assert next_major_at([Lane(CONNECT, LATER), Lane(POLL, SOON), Lane(FOLLOW_UP, None)]) == SOON
    assert next_major_at([Lane(CONNECT, None)]) is None


def test_jitter_stays_within_a_fifth():
    hour = timedelta(hours=1)
    assert (jittered(hour, 0), jittered(hour, 0.5), jittered(hour, 1)) == (0.8 * hour, hour, 1.2 * hour)


def test_waits_double_and_are_bounded():
    day = timedelta(days=1)
    assert [recheck_after(day, count) / day for count in range(6)] == [1, 2, 4, 8, 16, 16]
    assert recheck_after(day, 10_000) == LONGEST


def test_an_invitation_is_given_up_after_sixty_days():
    assert is_given_up(NOW - timedelta(days=60), NOW)
    assert not is_given_up(NOW - timedelta(days=59), NOW)
