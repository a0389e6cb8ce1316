from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from outreach.limits import services
from outreach.limits.buckets import Rate, Share
from outreach.limits.models import Allowance
from outreach.limits.windows import Limits

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 10, 7, tzinfo=UTC)


def test_taking_grants_what_the_caps_allow_and_no_more():
    limits = Limits(hourly=5)
    assert services.take("sender:1", 3, limits, NOW) == 3
    assert services.take("sender:1", 3, limits, NOW) == 2
    assert services.take("sender:1", 3, limits, NOW) == 0
    assert services.take("sender:2", 3, limits, NOW) == 3


def test_what_is_given_back_can_be_taken_again():
    limits = Limits(hourly=1)
    services.take("sender:1", 1, limits, NOW)
    services.give_back("sender:1", 1, NOW)
    assert services.take("sender:1", 1, limits, NOW + timedelta(minutes=1)) == 1


def test_with_a_gap_only_one_is_granted_and_the_next_one_waits():
    limits = Limits(gap=timedelta(seconds=30))
    assert services.take("sender:1", 5, limits, NOW) == 1
    assert services.take("sender:1", 5, limits, NOW + timedelta(seconds=29)) == 0
    assert services.take("sender:1", 5, limits, NOW + timedelta(seconds=30)) == 1


def test_a_held_off_thing_grants_nothing_until_then():
    services.hold_off("sender:1", NOW + timedelta(minutes=5))
    services.hold_off("sender:1", NOW + timedelta(minutes=1))
    assert services.take("sender:1", 1, Limits(), NOW + timedelta(minutes=4)) == 0
    assert services.take("sender:1", 1, Limits(), NOW + timedelta(minutes=5)) == 1


def test_tokens_are_taken_or_the_wait_is_said():
    share = Share("sms:1", 1, Rate(per_second=1, burst=1))
    assert services.take_tokens([share], NOW) is None
    assert services.take_tokens([share], NOW) == (share, timedelta(seconds=1))


def tokens_of(key: str) -> float:
    return Allowance.objects.get(key=key).usage["bucket"]["tokens"]


def test_of_several_buckets_all_give_or_none():
    calls, small = Share("calls", 1, Rate(1, 10)), Share("small", 3, Rate(1, 5))
    assert services.take_tokens([calls, small], NOW) is None
    assert services.take_tokens([calls, small], NOW) == (small, timedelta(seconds=1))
    assert (tokens_of("calls"), tokens_of("small")) == (9, 2)


def test_tokens_that_were_not_used_are_put_back_up_to_the_burst():
    share = Share("calls", 4, Rate(1, 10))
    services.give_back_tokens(share)
    services.take_tokens([share], NOW)
    services.give_back_tokens(replace(share, count=3))
    assert tokens_of("calls") == 9
    services.give_back_tokens(share)
    assert tokens_of("calls") == 10


def test_a_watch_that_was_interrupted_starts_anew():
    def since() -> datetime:
        return datetime.fromisoformat(Allowance.objects.get(key="sender:1").usage["watched_since"])

    services.ensure(["sender:1"])
    hour = timedelta(hours=1)
    services.watch(["sender:1"], now=NOW, tolerance=hour)
    services.watch(["sender:1"], now=NOW + timedelta(minutes=50), tolerance=hour)
    services.watch(["sender:1"], now=NOW + timedelta(minutes=100), tolerance=hour)
    assert since() == NOW
    services.watch(["sender:1"], now=NOW + timedelta(hours=5), tolerance=hour)
    assert since() == NOW + timedelta(hours=5)
