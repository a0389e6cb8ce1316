"""What leaves when, from arithmetic alone."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from campaigns.journey.lanes import Desk, Lane, Waiting, intersect, next_open, spread

HOUR, DAY = 3600.0, 86_400.0
ALWAYS = [(0.0, 400 * DAY)]
WORK = [(day * DAY + 9 * HOUR, day * DAY + 17 * HOUR) for day in range(60)]


def plan(count, *, desk=None, lane=None, hours=ALWAYS, until=30 * DAY, **fields):
    waiting = [Waiting(n, 1, 1, 0.0, hours, **fields) for n in range(count)]
    return spread(
        desks=[desk or Desk(1, ALWAYS)], lanes=[lane or Lane(1)], waiting=waiting, now=0.0, until=until
    )  # fmt: skip


def times(found):
    return [slot.at for slot in found.slots]


def test_an_hour_takes_its_cap_and_the_next_the_rest():
    assert times(plan(5, desk=Desk(1, ALWAYS, hourly=2))) == [0, 0, HOUR, HOUR, 2 * HOUR]


def test_a_gap_lies_between_two():
    assert times(plan(3, desk=Desk(1, ALWAYS, gap=90))) == [0, 90, 180]


def test_what_was_sent_lately_counts():
    found = plan(1, desk=Desk(1, ALWAYS, daily=2, past=[-2 * HOUR, -HOUR]))
    assert times(found) == [22 * HOUR]
    assert found.slots[0].held == "daily"


def test_nothing_outside_the_hours():
    assert times(plan(1, hours=WORK)) == [9 * HOUR]
    assert times(plan(3, hours=WORK, desk=Desk(1, ALWAYS, daily=2))) == [9 * HOUR, 9 * HOUR, DAY + 9 * HOUR]


def test_a_gap_that_one_zone_leaves_is_filled_from_another():
    later = [(12 * HOUR, 20 * HOUR)]
    waiting = [Waiting("west", 1, 1, 0.0, later, rank=5), Waiting("east", 1, 1, 0.0, [(0.0, DAY)])]
    found = spread(desks=[Desk(1, ALWAYS)], lanes=[Lane(1)], waiting=waiting, now=0.0, until=DAY)
    assert [slot.item.key for slot in found.slots] == ["east", "west"]


def test_follow_ups_go_before_new_leads():
    waiting = [Waiting("new", 1, 1, 0.0, ALWAYS), Waiting("follow-up", 1, 1, 0.0, ALWAYS, rank=1)]
    found = spread(desks=[Desk(1, ALWAYS, gap=60)], lanes=[Lane(1)], waiting=waiting, now=0.0, until=DAY)
    assert [slot.item.key for slot in found.slots] == ["follow-up", "new"]


def test_what_is_left_says_which_limit_holds_it():
    assert plan(5, desk=Desk(1, ALWAYS, daily=2), until=DAY - 1).reasons() == {"daily": 3}
    assert plan(5, lane=Lane(1, daily=2), until=DAY - 1).reasons() == {"campaign_cap": 3}
    assert plan(1, hours=WORK, until=HOUR).reasons() == {"window": 1}
    assert plan(2, desk=Desk(1, ALWAYS, is_active=False)).reasons() == {"sender": 2}
    assert plan(2, lane=Lane(1, is_active=False)).reasons() == {"campaign": 2}
    assert plan(2, desk=Desk(1, ALWAYS, hourly=0)).reasons() == {"hourly": 2}


def test_what_follows_is_planned_from_when_the_first_leaves():
    def after(slot):
        return [Waiting("second", 1, 1, slot.at + DAY, ALWAYS, rank=1)] if slot.item.key != "second" else []

    found = spread(
        desks=[Desk(1, ALWAYS)], lanes=[Lane(1)], waiting=[Waiting("first", 1, 1, 5.0, ALWAYS)], now=0.0, until=9 * DAY,
        after=after,
    )  # fmt: skip
    assert times(found) == [5.0, 5.0 + DAY]


def test_times_in_both():
    assert intersect([(0, 5), (10, 20)], [(3, 12), (18, 30)]) == [(3, 5), (10, 12), (18, 20)]
    assert next_open([(3, 5), (10, 12)], 5) == 10


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 2), st.booleans()), max_size=60),
    st.integers(1, 5),
    st.integers(1, 12),
    st.integers(0, 600),
)
def test_no_cap_is_ever_exceeded_and_nobody_is_forgotten(wishes, hourly, daily, gap):
    waiting = [
        Waiting(n, 1, 1, hour * HOUR, WORK if is_working else ALWAYS, rank=rank)
        for n, (hour, rank, is_working) in enumerate(wishes)
    ]
    found = spread(
        desks=[Desk(1, ALWAYS, hourly=hourly, daily=daily, gap=gap)], lanes=[Lane(1)], waiting=waiting, now=0.0,
        until=60 * DAY,
    )  # fmt: skip
    at = times(found)
    assert at == sorted(at)
    for span, cap in ((HOUR, hourly), (DAY, daily)):
        assert all(later - earlier >= span for earlier, later in zip(at, at[cap:], strict=False))
    assert all(later - earlier >= gap for earlier, later in pairwise(at))
    assert all(slot.at >= slot.item.ready and next_open(slot.item.hours, slot.at) == slot.at for slot in found.slots)
    keys = [slot.item.key for slot in found.slots] + [item.key for item, _why in found.held]
    assert sorted(keys) == list(range(len(wishes)))
