"""When a person is written to: never in their night, and as often as they chose."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.notifications.quiet import Rhythm, is_mail_due, is_night

TOKYO = ZoneInfo("Asia/Tokyo")


def at(hour, minute=0, day=2):
    return datetime(2026, 3, day, hour, minute, tzinfo=TOKYO)


@pytest.mark.parametrize(("hour", "expected"), [(19, False), (20, True), (23, True), (0, True), (7, True), (8, False)])
def test_by_default_the_night_is_from_eight_to_eight(hour, expected):
    assert is_night(Rhythm(), at(hour)) is expected


def test_a_night_within_one_day_or_none_at_all():
    siesta = Rhythm(quiet_from=13, quiet_until=15)
    assert [is_night(siesta, at(hour)) for hour in (12, 13, 14, 15)] == [False, True, True, False]
    assert not is_night(Rhythm(quiet_from=8, quiet_until=8), at(8))
    assert not is_night(Rhythm(is_quiet=False), at(3))


def test_at_once_is_at_once_but_not_at_night():
    rhythm = Rhythm(pace="at_once")
    assert is_mail_due(rhythm, local=at(12), last=at(12))
    assert not is_mail_due(rhythm, local=at(22), last=None)


def test_hourly_leaves_an_hour_between():
    rhythm = Rhythm(pace="hourly")
    assert is_mail_due(rhythm, local=at(12), last=None)
    assert not is_mail_due(rhythm, local=at(12, 59), last=at(12))
    assert is_mail_due(rhythm, local=at(13), last=at(12))


def test_daily_comes_once_after_its_hour():
    rhythm = Rhythm(pace="daily", daily_hour=9)
    assert not is_mail_due(rhythm, local=at(8, 59), last=None)
    assert is_mail_due(rhythm, local=at(9), last=at(9) - timedelta(days=1))
    assert not is_mail_due(rhythm, local=at(15), last=at(9, 1))
    assert is_mail_due(rhythm, local=at(11, day=3), last=at(9, 1))
