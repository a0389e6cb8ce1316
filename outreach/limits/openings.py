"""When several timetables are open together: each has its own hours per weekday, zone and closed days. Pure.

`calendars` knows one window; a timetable is several of them that share a zone (other hours on Sundays) and a calendar
of days on which nothing is open at all (public holidays).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.limits.calendars import Interval, Window, openings, parse_window

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(?P<start>\d{1,2}:\d{2})\s*[-–]\s*(?P<end>\d{1,2}:\d{2})")
ClosedDay = Callable[[date], str]
"""Why nothing is open on a date (the holiday's name), or an empty text."""
NEVER_CLOSED: ClosedDay = lambda _day: ""  # noqa: E731


@dataclass(frozen=True)
class Timetable:
    """Hours by week day in one zone. `name` is what a sentence calls it. `windows` share no day."""

    name: str
    windows: tuple[Window, ...]
    zone: tzinfo
    closed: ClosedDay = field(default=NEVER_CLOSED, compare=False)

    @property
    def is_always(self) -> bool:
        return self.closed is NEVER_CLOSED and all(window.is_always for window in self.windows)

    def is_open(self, now: datetime) -> bool:
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        is_inside = any(
            local.weekday() in window.days and window.start <= minute < window.end for window in self.windows
        )
        return is_inside and not self.closed(local.date())

    def hours(self) -> str:
        return "; ".join(str(window) for window in self.windows)


def next_common(timetables: Sequence[Timetable], now: datetime) -> Interval | tuple[None, None] | tuple[datetime, None]:
    """The first moment from `now` on at which all are open, and when the first of them closes then.

    (None, None) when they are not open together within the horizon; (now, None) when none ever closes.
    """
    tables = [table for table in timetables if not table.is_always]
    if not tables:
        return now, None
    walks = [openings(table.windows, table.zone, now, closed=table.closed) for table in tables]
    current: list[Interval] = []
    for walk in walks:
        opening = next(walk, None)
        if opening is None:
            return None, None
        current.append(opening)
    moment = now
    while True:
        latest = max(moment, *(opens for opens, _closes in current))
        behind = [index for index, (_opens, closes) in enumerate(current) if closes <= latest]
        if not behind:
            return latest, min(closes for _opens, closes in current)
        for index in behind:
            opening = next(walks[index], None)
            if opening is None:
                return None, None
            current[index] = opening
        moment = latest


@functools.lru_cache(maxsize=256)
def parse_hours(text: str) -> tuple[Window, ...]:
    """`09:00-20:00` or `09:00-20:00, sun 12:00-20:00, sat closed` as windows that share no day.

    Raises `Invalid` for what cannot be read and for hours that never open.
    """
    spans: dict[int, tuple[str, str] | None] = {}
    for part in text.split(","):
        words = part.strip().lower()
        name = words[:3] if words[:3] in DAY_NAMES else ""
        rest = words[3:].strip() if name else words
        found = _SPAN.fullmatch(rest)
        if found is None and not (name and rest == "closed"):
            raise Invalid(
                "hours",
                _("Cannot read the hours “%(text)s”. Use a form such as 09:00-20:00, sun 12:00-20:00.")
                % {"text": part.strip()},
            )
        span = (found["start"], found["end"]) if found else None
        for day in [DAY_NAMES.index(name)] if name else range(7):
            spans[day] = span
    grouped: dict[tuple[str, str], list[int]] = {}
    for day, span in spans.items():
        if span is not None:
            grouped.setdefault(span, []).append(day)
    if not grouped:
        raise Invalid("hours", _("“%(text)s” never opens.") % {"text": text}, code="window_never_opens")
    return tuple(
        parse_window({"days": sorted(days), "start": start, "end": end}, field="hours")
        for (start, end), days in grouped.items()
    )


def common_hours(all_hours: Sequence[tuple[Window, ...]]) -> tuple[Window, ...]:
    """The hours at which every one of several sets of hours is open; empty when there are none."""
    found: dict[tuple[int, int], set[int]] = {}
    for day in range(7):
        spans = [[w for w in hours if day in w.days] for hours in all_hours]
        if not all(spans):
            continue
        start, end = max(w[0].start for w in spans), min(w[0].end for w in spans)
        if start < end:
            found.setdefault((start, end), set()).add(day)
    return tuple(Window(frozenset(days), start, end) for (start, end), days in found.items())
