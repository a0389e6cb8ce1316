from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from campaigns.journey.timeline import first_due, follow_up_due

FRIDAY = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)


def test_the_first_step_waits_for_the_campaigns_start():
    later = datetime(2026, 3, 9, tzinfo=UTC)
    assert first_due(start_at=later, now=FRIDAY) == later
    assert first_due(start_at=None, now=FRIDAY) == FRIDAY


def test_a_follow_up_counts_working_days():
    due = follow_up_due(sent_at=FRIDAY, working_days=3, days=(), zone=UTC)
    assert due == datetime(2026, 3, 11, 15, 30, tzinfo=UTC)


def test_working_days_are_those_of_the_window():
    due = follow_up_due(sent_at=FRIDAY, working_days=1, days=(5,), zone=UTC)
    assert due == datetime(2026, 3, 7, 15, 30, tzinfo=UTC)


def test_the_hour_on_the_recipients_wall_is_kept_over_a_clock_change():
    new_york = ZoneInfo("America/New_York")
    due = follow_up_due(sent_at=FRIDAY, working_days=1, days=(), zone=new_york)
    assert due.astimezone(new_york).hour == FRIDAY.astimezone(new_york).hour == 10


def test_zero_days_is_at_once():
    assert follow_up_due(sent_at=FRIDAY, working_days=0, days=(), zone=UTC) == FRIDAY
