"""When a report is due next, also where clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.sharing.timing import next_due

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("frequency", "after", "due"),
    [
        ("daily", datetime(2026, 11, 30, 6, tzinfo=UTC), datetime(2026, 11, 30, 7, tzinfo=UTC)),
        ("daily", datetime(2026, 11, 30, 7, tzinfo=UTC), datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 12, 7, 7, tzinfo=UTC)),
        ("monthly", datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ("daily", datetime(2026, 3, 28, 8, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
    ],
)
def test_eight_in_the_morning_is_eight_in_the_morning(frequency, after, due):
    assert next_due(frequency, 8, BERLIN, after=after) == due


def test_an_hour_that_clocks_leap_over_still_comes():
    due = next_due("daily", 2, BERLIN, after=datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert due == datetime(2026, 3, 29, 1, tzinfo=UTC)
