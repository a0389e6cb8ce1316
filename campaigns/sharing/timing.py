"""When a report is due next. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def next_due(frequency: str, hour: int, zone: tzinfo, *, after: datetime) -> datetime:
    """The first moment after `after` at `hour` in `zone`: of any day, of a Monday, or of the first of a month.

    An hour that a day does not have, because clocks leap over it, is the moment at which they leap.
    """
    day = after.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)
        if moment > after and _fits(frequency, day):
            return moment
        day += timedelta(days=1)


def _fits(frequency: str, day: date) -> bool:
    return frequency == "daily" or (day.weekday() == 0 if frequency == "weekly" else day.day == 1)
