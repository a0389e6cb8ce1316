from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.core.errors import Invalid
from outreach.limits.calendars import (
    ALWAYS,
    Window,
    is_open,
    next_open,
    openings,
    parse_window,
    parse_zone,
    working_days_after,
)

OFFICE = parse_window({"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"})
NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")


def at(text: str, zone=UTC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def closing_of(window, zone, now):
    return next(closes for opens, closes in openings([window], zone, now) if opens <= now < closes)


def test_an_office_window_is_open_on_weekdays_in_its_own_zone():
    assert is_open(OFFICE, BERLIN, at("2026-03-02T09:00", BERLIN))
    assert not is_open(OFFICE, BERLIN, at("2026-03-02T17:00", BERLIN))
    assert not is_open(OFFICE, BERLIN, at("2026-03-01T12:00", BERLIN))
    assert next_open(OFFICE, BERLIN, at("2026-03-06T18:00", BERLIN)) == at("2026-03-09T09:00", BERLIN)
    assert closing_of(OFFICE, BERLIN, at("2026-03-06T12:00", BERLIN)) == at("2026-03-06T17:00", BERLIN)


def test_an_empty_window_is_always_open():
    now = at("2026-03-01T03:00")
    assert parse_window({}) == ALWAYS
    assert next_open(ALWAYS, BERLIN, now) == now


def test_a_window_that_starts_in_the_hour_that_does_not_exist_opens_when_clocks_jump():
    window = parse_window({"start": "02:30", "end": "04:00"})
    opens = next_open(window, NEW_YORK, at("2026-03-08T01:00", NEW_YORK))
    assert opens == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    assert closing_of(window, NEW_YORK, opens) == datetime(2026, 3, 8, 8, 0, tzinfo=UTC)


def test_a_window_inside_the_hour_that_does_not_exist_waits_for_the_next_day():
    window = parse_window({"start": "02:10", "end": "02:50"})
    assert next_open(window, NEW_YORK, at("2026-03-08T01:00", NEW_YORK)) == at("2026-03-09T02:10", NEW_YORK)


def test_an_hour_that_comes_twice_is_open_twice():
    window = parse_window({"start": "01:00", "end": "01:30"})
    first = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    assert next_open(window, NEW_YORK, first - timedelta(hours=1)) == first
    assert closing_of(window, NEW_YORK, first) == first + timedelta(minutes=30)
    assert next_open(window, NEW_YORK, first + timedelta(minutes=30)) == first + timedelta(hours=1)


def test_a_day_of_twenty_three_hours_joins_at_midnight():
    nights = Window(days=frozenset({5, 6}))
    saturday = at("2026-03-07T12:00", NEW_YORK)
    assert closing_of(nights, NEW_YORK, saturday) == at("2026-03-09T00:00", NEW_YORK)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"days": []}, "window_never_opens"),
        ({"start": "17:00", "end": "09:00"}, "window_never_opens"),
        ({"start": "09:00", "end": "09:00"}, "window_never_opens"),
        ({"start": "9am"}, "window_invalid"),
        ({"start": "25:00"}, "window_invalid"),
        ({"days": [7]}, "window_invalid"),
        ({"days": "mon"}, "window_invalid"),
        ({"hours": 3}, "window_invalid"),
    ],
)
def test_a_window_that_is_none_or_never_opens_is_refused(value, code):
    with pytest.raises(Invalid) as error:
        parse_window(value)
    assert error.value.code == code


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(name):
    with pytest.raises(Invalid):
        parse_zone(name)


def test_working_days_skip_the_weekend_and_holidays_and_keep_the_wall_clock():
    friday = at("2026-03-27T10:00", BERLIN)
    assert working_days_after(friday, 1, zone=BERLIN) == at("2026-03-30T10:00", BERLIN)  # clocks changed on Sunday
    assert working_days_after(friday, 3, zone=BERLIN) == at("2026-04-01T10:00", BERLIN)
    monday_off = frozenset({at("2026-03-30T10:00").date()})
    assert working_days_after(friday, 1, zone=BERLIN, holidays=monday_off) == at("2026-03-31T10:00", BERLIN)
    assert working_days_after(at("2026-03-28T10:00", BERLIN), 0, zone=BERLIN) == at("2026-03-30T10:00", BERLIN)


zones = st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]).map(
    ZoneInfo
)
moments = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC, second=0, microsecond=0)
)
windows = st.builds(
    lambda days, start, length: Window(frozenset(days), start, min(1440, start + length)),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(60, 1440),
)


@settings(max_examples=300, deadline=None)
@given(windows, zones, moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(window, zone, now):
    opens = next_open(window, zone, now)
    assert opens is not None and opens >= now
    assert is_open(window, zone, opens)
    for step in range(1, 13):
        between = now + (opens - now) * step / 13
        if between < opens:
            assert not is_open(window, zone, between)
    closes = closing_of(window, zone, opens)
    assert is_open(window, zone, closes - timedelta(seconds=1))
    assert window.is_always or not is_open(window, zone, closes)
