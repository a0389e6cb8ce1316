"""Months and weekdays as the reader's language writes them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.utils.translation import override

from outreach.core.dates import written


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "Mon 30 Nov 2026, 09:05"), ("ru", "пн 30 нояб. 2026, 09:05"), (None, "Mon 30 Nov 2026, 09:05")],
)
def test_a_day_and_its_time(language, expected):
    with override(language):
        assert written(datetime(2026, 11, 30, 9, 5, tzinfo=UTC), "EEE d MMM y, HH:mm") == expected


def test_the_clock_is_that_of_the_given_time():
    assert written(datetime(2026, 11, 30, 9, 5, tzinfo=timezone(timedelta(hours=9))), "HH:mm") == "09:05"
