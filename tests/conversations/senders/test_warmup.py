"""The ramp climbs on days that were really used, once a day, and stops at its ceiling."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from conversations.senders import warmup
from conversations.senders.warmup import Progress, Ramp

DAY = date(2026, 3, 2)
RAMP = Ramp(start=5, step=3, ceiling=30)
ramps = st.builds(
    lambda start, step, more: Ramp(start, step, start + more),
    st.integers(1, 50),
    st.integers(0, 20),
    st.integers(0, 200),
)


def test_the_first_day_allows_the_start_and_each_used_day_a_step_more():
    progress = Progress()
    assert warmup.allowance(RAMP, progress, DAY) == 5
    progress = warmup.after_use(RAMP, progress, DAY, 5)
    assert warmup.allowance(RAMP, progress, DAY) == 5
    assert warmup.allowance(RAMP, progress, DAY + timedelta(days=1)) == 8


def test_a_day_counts_from_half_of_its_allowance_on():
    assert warmup.after_use(RAMP, Progress(), DAY, 2) == Progress()
    assert warmup.after_use(RAMP, Progress(), DAY, 3) == Progress(1, DAY)


def test_weeks_without_a_message_change_nothing():
    progress = warmup.after_use(RAMP, Progress(), DAY, 5)
    assert warmup.allowance(RAMP, progress, DAY + timedelta(days=40)) == 8


def test_the_curve_ends_at_the_ceiling():
    assert warmup.curve(RAMP) == [5, 8, 11, 14, 17, 20, 23, 26, 29, 30]
    assert warmup.curve(Ramp(5, 0, 30)) == [5]


@given(ramp=ramps, days=st.lists(st.floats(0, 2), max_size=60))
def test_it_never_falls_never_jumps_more_than_a_step_and_never_passes_the_ceiling(ramp, days):
    progress, before = Progress(), ramp.start
    for number, share in enumerate(days):
        today = DAY + timedelta(days=number)
        allowed = warmup.allowance(ramp, progress, today)
        assert before <= allowed <= min(ramp.ceiling, before + ramp.step)
        used = int(allowed * share)
        for count in (used // 2, used, used):
            progress = warmup.after_use(ramp, progress, today, count)
            assert warmup.allowance(ramp, progress, today) == allowed
        assert warmup.from_json(warmup.to_json(progress)) == progress
        before = allowed


@given(ramp=ramps)
def test_reached_by_using_every_day_it_follows_its_curve(ramp):
    progress = Progress()
    for number, expected in enumerate(warmup.curve(ramp)):
        today = DAY + timedelta(days=number)
        assert warmup.allowance(ramp, progress, today) == expected
        progress = warmup.after_use(ramp, progress, today, expected)
