"""The workday of a mailbox: the same for everybody who asks, inside its window, different from day to day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.senders import workday
from conversations.senders.workday import Mailbox
from outreach.limits.calendars import Window, is_open

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = Window(frozenset(range(5)), 9 * 60, 17 * 60)
MAILBOX = Mailbox("sender:1", WEEK, 12, 40, 60)
MONDAY = date(2026, 3, 2)
dates = st.dates(date(2024, 1, 1), date(2030, 12, 31))
mailboxes = st.builds(
    lambda key, days, start, length, hourly, daily, gap: Mailbox(
        f"sender:{key}", Window(frozenset(days), start, min(24 * 60, start + length)), hourly, daily, gap
    ),
    st.integers(1, 10_000),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 20 * 60),
    st.integers(60, 16 * 60),
    st.integers(1, 200),
    st.integers(1, 500),
    st.integers(0, 900),
)


def test_it_is_the_same_each_time_it_is_asked_and_on_every_machine():
    first = workday.workday(MAILBOX, MONDAY)
    workday.workday.cache_clear()
    assert workday.workday(MAILBOX, MONDAY) == first
    assert workday.generator("sender:1", MONDAY, "day").random() == 0.8860206958131691


def test_days_and_mailboxes_differ():
    starts = {workday.workday(MAILBOX, MONDAY + timedelta(days=number)).start for number in range(5)}
    others = {workday.workday(Mailbox(f"sender:{number}", WEEK, 12, 40, 60), MONDAY).start for number in range(10)}
    assert len(starts) > 1
    assert len(others) > 3


def test_it_explains_itself():
    assert [sentence.partition(" ")[0] for sentence in workday.workday(MAILBOX, MONDAY).sentences()] == [
        "Works", "Lunch", "At", "Gaps",
    ]  # fmt: skip


def test_it_does_not_work_on_other_days():
    assert workday.workday(MAILBOX, MONDAY + timedelta(days=5)) is None
    assert workday.openings(MAILBOX, BERLIN, MONDAY + timedelta(days=5)) == []


def test_after_friday_comes_monday():
    friday_night = datetime(2026, 3, 6, 22, tzinfo=UTC)
    opens = workday.next_working(MAILBOX, BERLIN, friday_night)
    assert opens is not None
    assert opens.astimezone(BERLIN).date() == date(2026, 3, 9)


@given(mailbox=mailboxes, day=dates)
def test_a_day_lies_inside_the_window_with_lunch_inside_the_day(mailbox, day):
    found = workday.workday(mailbox, day)
    if found is None:
        assert day.weekday() not in mailbox.window.days
        return
    assert mailbox.window.start <= found.start < found.end <= mailbox.window.end
    if found.lunch:
        assert found.start < found.lunch[0] < found.lunch[1] < found.end
    assert 1 <= found.hourly_cap <= mailbox.hourly_cap
    assert found.worked_minutes > 0
    least, mode, greatest = found.gap
    assert mailbox.gap_seconds <= least <= mode <= greatest


@given(mailbox=mailboxes, day=dates, number=st.integers(0, 500))
def test_gaps_follow_the_law_and_never_undercut_the_least(mailbox, day, number):
    found = workday.workday(mailbox, day)
    if found is None:
        return
    gap = workday.gap_seconds(mailbox, found, number)
    assert found.gap[0] <= gap <= found.gap[2]
    assert gap == workday.gap_seconds(mailbox, found, number)


@settings(max_examples=40)
@given(mailbox=mailboxes, day=dates, zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]))
def test_expected_sends_keep_gaps_allowance_hourly_cap_and_hours(mailbox, day, zone):
    place = ZoneInfo(zone)
    sends = workday.expected_sends(mailbox, place, day)
    found = workday.workday(mailbox, day)
    assert len(sends) <= mailbox.daily_allowance
    for number, moment in enumerate(sends):
        assert is_open(mailbox.window, place, moment)
        assert workday.is_working(mailbox, place, moment)
        if number:
            assert (moment - sends[number - 1]).total_seconds() >= mailbox.gap_seconds - 1e-3
        within = [other for other in sends[: number + 1] if moment - other < timedelta(hours=1)]
        assert len(within) <= found.hourly_cap


@given(gap=st.integers(0, 3600), jitter=st.integers(0, 500), number=st.integers(0, 1000), day=dates)
def test_jitter_only_makes_gaps_longer(gap, jitter, number, day):
    drawn = workday.draw_gap("sender:9", day, number, workday.jitter_law(gap, jitter))
    assert gap <= drawn <= gap * (1 + jitter / 100) + 1e-6
