import pytest

from outreach.access.lockout import FREE_FAILURES, LONGEST_LOCK_SECONDS, lock_seconds


def test_mistyping_costs_nothing():
    assert [lock_seconds(n) for n in range(FREE_FAILURES)] == [0] * FREE_FAILURES


@pytest.mark.parametrize(("failures", "seconds"), [(5, 30), (6, 60), (7, 120), (11, 1920), (12, 3600)])
def test_the_wait_doubles_with_every_further_failure(failures, seconds):
    assert lock_seconds(failures) == seconds


def test_the_wait_is_never_longer_than_an_hour():
    assert lock_seconds(10_000) == LONGEST_LOCK_SECONDS
