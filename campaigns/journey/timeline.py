"""When a step is due. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from functools import cache

from outreach.limits.calendars import MONDAY_TO_FRIDAY, working_days_after

JITTER_MINUTES = 40
"""Follow-ups leave up to so much later than the same minute of the day, so that they do not look like a machine's."""


def first_due(*, start_at: datetime | None, now: datetime) -> datetime:
    """The first step is due at once, or when the campaign may start."""
    return max(start_at, now) if start_at else now


def follow_up_due(
    *,
    sent_at: datetime,
    working_days: int,
    days: Iterable[int],
    zone: tzinfo,
    holidays: frozenset[date] = frozenset(),
) -> datetime:
    """`working_days` after `sent_at`, counted in the recipient's `zone` over the weekdays in `days`, at the same hour.

    With zero days it is due at once. `days` empty means Monday to Friday. The window itself is held by delivery.
    """
    if working_days == 0:
        return sent_at
    return working_days_after(
        sent_at, working_days, zone=zone, working_days=frozenset(days) or MONDAY_TO_FRIDAY, holidays=holidays
    )


def due_at(
    anchor: datetime | None,
    *,
    delay_days: int,
    seed: tuple[int, int],
    start_at: datetime | None,
    now: datetime,
    days: Iterable[int],
    zone: tzinfo,
    country: str = "",
) -> datetime:
    """When a step is due whose predecessor was over at `anchor` (None: it is the first).

    `seed` (candidate, step) spreads follow-ups by a few minutes; with a `country` its public holidays are skipped.
    """
    if anchor is None:
        return first_due(start_at=start_at, now=now)
    holidays = public_holidays(country, anchor) if country else frozenset()
    due = follow_up_due(sent_at=anchor, working_days=delay_days, days=days, zone=zone, holidays=holidays)
    return due + jitter(*seed) if delay_days else due


def jitter(*parts: object) -> timedelta:
    """A delay of 0 to `JITTER_MINUTES`, always the same for the same parts, so that planning again changes nothing."""
    digest = hashlib.blake2b(":".join(map(str, parts)).encode(), digest_size=4).digest()
    return timedelta(seconds=int.from_bytes(digest) % (JITTER_MINUTES * 60))


def public_holidays(country: str, around: datetime) -> frozenset[date]:
    """The public holidays of a country in the year of `around` and the next; none for a country that is not known."""
    return _holidays(country.upper(), around.year) | _holidays(country.upper(), around.year + 1)


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays

    if not country:
        return frozenset()
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
