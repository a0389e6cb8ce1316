"""The workday of a mailbox: when it starts, has lunch, ends, how many an hour and how far apart. Pure.

A function of (mailbox, date): the same on every machine and every time it is asked, different from day to day and from
mailbox to mailbox, as people are. All times are on the wall clock of the sender; every draw follows a triangular law
whose generator is seeded by the mailbox and the date.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from outreach.core.words import gettext as _
from outreach.limits.calendars import Window, format_minute, openings_on

LATEST_START_MINUTES = 40
"""Nobody writes the first mail on the stroke of nine: up to 40 minutes late, most often about ten."""
EARLIEST_END_MINUTES = 45
LUNCH_FROM_MINUTES = 5 * 60
"""Days shorter than this have no lunch."""
LUNCH_MINUTES = (30, 45, 75)
LUNCH_AT = 0.45
"""Where in the day lunch begins, give or take a tenth of the day: 12:36 in a day from nine to five."""
HOURLY_SHARE = (0.7, 0.9, 1.0)
"""Today's hourly cap as a share of the mailbox's own."""
FILL_SHARE = 0.8
"""The gaps are drawn so that the day's allowance takes about four fifths of the working time."""


@dataclass(frozen=True)
class Mailbox:
    """What the workday of a sender depends on."""

    key: str
    window: Window
    hourly_cap: int
    daily_allowance: int
    gap_seconds: int
    """The least gap; never undercut."""


@dataclass(frozen=True)
class Workday:
    """One day in minutes since midnight on the sender's wall clock; `lunch` is (from, to) or None."""

    day: date
    start: int
    end: int
    lunch: tuple[int, int] | None
    hourly_cap: int
    gap: tuple[float, float, float]
    """Least, likeliest and greatest gap in seconds."""

    @property
    def worked_minutes(self) -> int:
        return self.end - self.start - (self.lunch[1] - self.lunch[0] if self.lunch else 0)

    def sentences(self) -> list[str]:
        """The day in words."""
        hours = {"start": format_minute(self.start), "end": format_minute(self.end)}
        lines = [_("Works from %(start)s to %(end)s.") % hours]
        if self.lunch:
            lunch = {"start": format_minute(self.lunch[0]), "end": format_minute(self.lunch[1])}
            lines.append(_("Lunch from %(start)s to %(end)s.") % lunch)
        least, likeliest, greatest = (round(seconds) for seconds in self.gap)
        lines.append(_("At most %(count)s an hour.") % {"count": self.hourly_cap})
        lines.append(
            _("Gaps from %(least)s to %(greatest)s seconds, most often about %(likeliest)s.")
            % {"least": least, "greatest": greatest, "likeliest": likeliest}
        )
        return lines


def generator(key: str, day: date, purpose: str) -> random.Random:
    """A generator that (mailbox, date, purpose) alone decide; stable over processes and versions of Python."""
    seed = hashlib.sha256(f"{key}\x1f{day.isoformat()}\x1f{purpose}".encode()).digest()
    return random.Random(int.from_bytes(seed[:16], "big"))  # noqa: S311 - drawn for looks, not for secrecy


@lru_cache(maxsize=4096)
def workday(mailbox: Mailbox, day: date) -> Workday | None:
    """The workday of `mailbox` on `day`; None when its window does not open on that week day."""
    window = mailbox.window
    if day.weekday() not in window.days or mailbox.hourly_cap <= 0:
        return None
    draw = generator(mailbox.key, day, "day")
    length = window.end - window.start
    late = min(LATEST_START_MINUTES, length // 8)
    early = min(EARLIEST_END_MINUTES, length // 8)
    start = window.start + round(draw.triangular(0, late, late / 4))
    end = window.end - round(draw.triangular(0, early, early / 4))
    lunch = None
    if length >= LUNCH_FROM_MINUTES:
        low, mode, high = LUNCH_MINUTES
        around = window.start + LUNCH_AT * length
        begins = round(draw.triangular(around - length / 10, around + length / 10, around))
        lunch = (begins, begins + round(draw.triangular(low, high, mode)))
    low_share, mode_share, high_share = HOURLY_SHARE
    hourly = max(1, round(mailbox.hourly_cap * draw.triangular(low_share, high_share, mode_share)))
    day_of = Workday(day, start, end, lunch, min(hourly, mailbox.hourly_cap), (0.0, 0.0, 0.0))
    return Workday(day, start, end, lunch, day_of.hourly_cap, _gap_law(mailbox, day_of))


def _gap_law(mailbox: Mailbox, day: Workday) -> tuple[float, float, float]:
    """A law whose mean spreads the day's allowance over four fifths of the day, and never undercuts the least gap."""
    seconds = FILL_SHARE * day.worked_minutes * 60
    mode = max(seconds / max(1, mailbox.daily_allowance), 3600 / max(1, day.hourly_cap) * FILL_SHARE)
    least = max(float(mailbox.gap_seconds), mode / 3)
    mode = max(mode, least)
    return least, mode, max(mode * 5 / 3, least)


def gap_seconds(mailbox: Mailbox, day: Workday, number: int) -> float:
    """The gap after the message `number` (0 is the first) of the day."""
    return draw_gap(mailbox.key, day.day, number, day.gap)


def draw_gap(key: str, day: date, number: int, law: tuple[float, float, float]) -> float:
    """The gap after message `number` of `day`, by the triangular `law` (least, likeliest, greatest), in seconds."""
    least, mode, greatest = law
    if greatest <= least:
        return least
    return generator(key, day, f"gap {number}").triangular(least, greatest, mode)


def jitter_law(gap: int, jitter_percent: int) -> tuple[float, float, float]:
    """The law of a sender without a workday: from its least gap upwards, by `jitter_percent` at most."""
    greatest = gap * (1 + jitter_percent / 100)
    return float(gap), gap + (greatest - gap) / 3, greatest


def openings(mailbox: Mailbox, zone: tzinfo, day: date) -> list[tuple[datetime, datetime]]:
    """When the mailbox works on `day`, in UTC: before and after lunch. Clock changes as in `outreach.limits.calendars`."""
    found = workday(mailbox, day)
    if found is None:
        return []
    pieces = [(found.start, found.end)]
    if found.lunch:
        pieces = [(found.start, found.lunch[0]), (found.lunch[1], found.end)]
    days = frozenset({day.weekday()})
    return [
        interval
        for start, end in pieces
        if start < end
        for interval in openings_on(Window(days, start, end), zone, day)
    ]


def is_working(mailbox: Mailbox, zone: tzinfo, now: datetime) -> bool:
    """Whether the mailbox works at `now`."""
    return any(opens <= now < closes for opens, closes in openings(mailbox, zone, now.astimezone(zone).date()))


def next_working(mailbox: Mailbox, zone: tzinfo, now: datetime, *, days: int = 15) -> datetime | None:
    """The first moment from `now` on at which it works; None when it does not within `days`."""
    first = now.astimezone(zone).date()
    for step in range(days):
        for opens, closes in openings(mailbox, zone, first + timedelta(days=step)):
            if now < closes:
                return max(now, opens)
    return None


def expected_sends(mailbox: Mailbox, zone: tzinfo, day: date) -> list[datetime]:
    """When messages would leave on `day` with a full queue, within gaps, lunch, hourly cap and allowance."""
    found = workday(mailbox, day)
    intervals = openings(mailbox, zone, day)
    if found is None or not intervals:
        return []
    sends: list[datetime] = []
    at = intervals[0][0]
    while len(sends) < mailbox.daily_allowance:
        interval = next((piece for piece in intervals if at < piece[1]), None)
        if interval is None:
            break
        at = max(at, interval[0])
        hour_ago = at - timedelta(hours=1)
        recent = [moment for moment in sends[-found.hourly_cap :] if moment > hour_ago]
        if len(recent) >= found.hourly_cap:
            at = recent[0] + timedelta(hours=1)
            continue
        sends.append(at)
        at += timedelta(seconds=max(1.0, gap_seconds(mailbox, found, len(sends) - 1)))
    return [moment.astimezone(UTC) for moment in sends]
