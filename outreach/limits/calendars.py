"""Windows of days and hours in a time zone: whether, from when and until when they are open. Pure.

A window is read off the wall clock of its zone. When clocks jump forward, hours that do not exist are simply not
there (a window that starts inside the gap opens at its end); when they fall back, hours that come twice are open twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

DAY_MINUTES = 24 * 60
EVERY_DAY = frozenset(range(7))
MONDAY_TO_FRIDAY = frozenset(range(5))
HORIZON_DAYS = 15
"""How far ahead an opening is looked for: a fortnight holds every week day twice."""

Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Window:
    """Week days (0 is Monday) and hours on them, in minutes since midnight; `end` is the first closed minute."""

    days: frozenset[int] = EVERY_DAY
    start: int = 0
    end: int = DAY_MINUTES

    @property
    def is_always(self) -> bool:
        return self.days == EVERY_DAY and self.start == 0 and self.end == DAY_MINUTES

    def __str__(self) -> str:
        names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
        days = _("every day") if self.days == EVERY_DAY else ", ".join(names[day] for day in sorted(self.days))
        return f"{days} {format_minute(self.start)}–{format_minute(self.end)}"


ALWAYS = Window()


def in_words(stored: str) -> str:
    """A window that was stored as English text, in the reader's language."""
    for name in ("every day", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
        stored = stored.replace(name, _(name))
    return stored


def format_minute(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(value: Any, field: str) -> int:
    hours, colon, minutes = str(value).partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(minutes) < 60:
        total = int(hours) * 60 + int(minutes)
        if total <= DAY_MINUTES:
            return total
    raise Invalid(
        field, _("“%(value)s” is not a time of day. Write it as 09:00.") % {"value": value}, code="window_invalid"
    )


def parse_window(value: Mapping[str, Any] | None, *, field: str = "window") -> Window:
    """The window in stored JSON `{days: [0…6], start: '09:00', end: '17:00'}`; empty means always.

    Raises `Invalid` for anything that isn't a window and for one that never opens.
    """
    if not value:
        return ALWAYS
    if not isinstance(value, Mapping) or not set(value) <= {"days", "start", "end"}:
        raise Invalid(field, _("A window needs days, a start and an end."), code="window_invalid")
    days = value.get("days", list(EVERY_DAY))
    if (
        not isinstance(days, Sequence)
        or isinstance(days, str)
        or not all(isinstance(day, int) and not isinstance(day, bool) and 0 <= day <= 6 for day in days)
    ):
        raise Invalid(field, _("Days are numbers from 0 (Monday) to 6 (Sunday)."), code="window_invalid")
    window = Window(
        frozenset(days), _minute(value.get("start", "00:00"), field), _minute(value.get("end", "24:00"), field)
    )
    if not window.days:
        raise Invalid(field, _("This window never opens: choose at least one day."), code="window_never_opens")
    if window.start >= window.end:
        raise Invalid(
            field,
            _("This window never opens: it starts at %(start)s and ends at %(end)s.")
            % {"start": format_minute(window.start), "end": format_minute(window.end)},
            code="window_never_opens",
        )
    return window


def parse_zone(name: str, *, field: str = "time_zone") -> ZoneInfo:
    """The zone called `name`. Raises `Invalid` for a name that the zone database does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(
            field,
            _("Unknown time zone “%(name)s”. Use a name such as Europe/Berlin.") % {"name": name},
            code="zone_unknown",
        ) from error


def _offset(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _segments(zone: tzinfo, start: datetime, end: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    """[start, end) split where the zone's offset changes; no zone changes twice within three days."""
    before, after = _offset(zone, start), _offset(zone, end)
    if before == after:
        return [(start, end, before)]
    low, high = start, end
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        if middle in (low, high):
            break
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return [(start, high, before), (high, end, after)]


def openings_on(window: Window, zone: tzinfo, day: date) -> list[Interval]:
    """The intervals in UTC in which the window is open on the local date `day`."""
    if day.weekday() not in window.days:
        return []
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found: list[Interval] = []
    for start, end, offset in _segments(zone, midnight - timedelta(hours=16), midnight + timedelta(hours=40)):
        opens = max(start, midnight + timedelta(minutes=window.start) - offset)
        closes = min(end, midnight + timedelta(minutes=window.end) - offset)
        if opens < closes:
            if found and found[-1][1] == opens:
                found[-1] = (found[-1][0], closes)
            else:
                found.append((opens, closes))
    return found


def openings(
    windows: Iterable[Window], zone: tzinfo, now: datetime, *, closed: Callable[[date], object] = lambda _day: False
) -> Iterator[Interval]:
    """The openings that end after `now`, in order, up to the horizon; those that touch (midnight) are joined.

    The windows share no day. Nothing opens on a date that is `closed`.
    """
    first = now.astimezone(zone).date() - timedelta(days=1)
    held: Interval | None = None
    for day in (first + timedelta(days=step) for step in range(HORIZON_DAYS + 2)):
        for opens, closes in () if closed(day) else chain(*(openings_on(window, zone, day) for window in windows)):
            if closes <= now:
                continue
            if held and opens <= held[1]:
                held = (held[0], max(held[1], closes))
                continue
            if held:
                yield held
            held = (opens, closes)
    if held:
        yield held


def is_open(window: Window, zone: tzinfo, now: datetime) -> bool:
    """Whether the window is open at `now`."""
    local = now.astimezone(zone)
    return local.weekday() in window.days and window.start <= local.hour * 60 + local.minute < window.end


def next_open(window: Window, zone: tzinfo, now: datetime) -> datetime | None:
    """The first moment from `now` on at which the window is open: `now` itself when it is. None beyond the horizon."""
    if is_open(window, zone, now):
        return now
    return next((max(opens, now) for opens, _closes in openings([window], zone, now)), None)


def working_days_after(
    moment: datetime,
    days: int,
    *,
    zone: tzinfo = UTC,
    working_days: frozenset[int] = MONDAY_TO_FRIDAY,
    holidays: frozenset[date] = frozenset(),
) -> datetime:
    """The same local time `days` working days after `moment`; zero days from a day off is the next working day.

    Raises `Invalid` when no day is a working day.
    """
    if not working_days:
        raise Invalid("working_days", _("Choose at least one working day."), code="window_never_opens")
    local = moment.astimezone(zone)
    day, left = local.date(), days
    while left > 0 or day.weekday() not in working_days or day in holidays:
        day += timedelta(days=1)
        if day.weekday() in working_days and day not in holidays:
            left = max(0, left - 1)
    return datetime.combine(day, local.time(), tzinfo=zone).astimezone(UTC)
