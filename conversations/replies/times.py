"""The time for a call that somebody names, in English and Russian. Pure.

"Thursday afternoon, any time after 2 pm" is a day and from when; "Monday at 10" is a moment. What is not said is None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta

from conversations.replies import moments, optouts

_DAY_PARTS = (
    (r"\b(?:morning|утром|с утра|в первой половине)\b", time(9), time(12)),
    (r"\b(?:afternoon|after lunch|днем|после обеда|во второй половине)\b", time(14), time(17)),
    (r"\b(?:evening|вечером)\b", time(17), time(19)),
)
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s?(?P<half>am|pm|a\.m\.?|p\.m\.?|o'clock|h\b|час\w*|утра|дня|вечера)?"
)
_FROM = re.compile(rf"\b(?:after|from|later than|past|после|с|от)\s+{_CLOCK}")
_UNTIL = re.compile(rf"\b(?:before|until|till|by|до)\s+{_CLOCK}")
_AT = re.compile(
    rf"(?:\b(?:at|around|about|в|около|к)\s+|@\s?){_CLOCK}"
    r"|\b(?P<hour2>\d{1,2})(?:[:.](?P<minute2>\d\d))?\s?(?P<half2>am|pm)\b|\b(?P<hour3>\d{1,2}):(?P<minute3>\d\d)\b"
)
_DAY = re.compile(
    r"\b(?:(?:on|next|this|в|во|на)\s+)?(?:(?P<today>today|сегодня)|(?P<tomorrow>tomorrow|завтра)|(?P<after>послезавтра)|"
    r"(?P<weekday>mon|tue|wed|thu|fri|sat|sun|понедельник|вторник|сред|четверг|пятниц|суббот|воскресень)\w*)\b"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[яй]|июн|июл|авг|сен|окт|ноя|дек)"
_DATE = re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th|\.|-?го)?\s+(?:of\s+)?{_MONTH}|\b{_MONTH}\w*\s+\d{{1,2}}\b")
"""A day of a month. A month alone is no day for a call."""
_WEEKDAYS = {
    "mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6, "понедельник": 0, "вторник": 1, "сред": 2,
    "четверг": 3, "пятниц": 4, "суббот": 5, "воскресень": 6,
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A day and, as far as they said, when: `at` exactly, or from `start` until `end`."""

    day: date
    at: time | None = None
    start: time | None = None
    end: time | None = None

    @property
    def proposed(self) -> time | None:
        """The moment to confirm, or one within what they named: half an hour in."""
        if self.at is not None:
            return self.at
        if self.start is None:
            return None
        return time(self.start.hour, 30) if self.start.minute == 0 else self.start


def named(text: str, *, today: date) -> Named | None:
    """The time that `text` names for a call; None when it names no day."""
    normal = optouts.normalise(text)
    found = _DAY.search(normal)
    day = _day(found, today) if found else moments.day(text, today=today) if _DATE.search(normal) else None
    if day is None or day < today:
        return None
    start, end = _clock(_FROM.search(normal)), _clock(_UNTIL.search(normal))
    rest = _UNTIL.sub(" ", _FROM.sub(" ", normal))
    at = _clock(_AT.search(rest)) if start is None and end is None else None
    if at is None and start is None and end is None:
        for pattern, begins, ends in _DAY_PARTS:
            if re.search(pattern, normal):
                start, end = begins, ends
    return Named(day, at, start or (time(9) if end and end > time(10) else None), end)


def _day(found: re.Match[str], today: date) -> date:
    if found["today"]:
        return today
    if found["tomorrow"]:
        return today + timedelta(days=1)
    if found["after"]:
        return today + timedelta(days=2)
    ahead = (_WEEKDAYS[found["weekday"]] - today.weekday() - 1) % 7 + 1
    return today + timedelta(days=ahead)


def _clock(found: re.Match[str] | None) -> time | None:
    """The time of day of a match. Without am or pm, hours before 8 are in the afternoon: nobody calls at 3 at night."""
    if found is None:
        return None
    groups = found.groupdict()
    hour = groups.get("hour") or groups.get("hour2") or groups.get("hour3")
    half = (groups.get("half") or groups.get("half2") or "").replace(".", "")
    minute = groups.get("minute") or groups.get("minute2") or groups.get("minute3") or "0"
    number = int(hour or 0)
    if (half in {"pm", "дня", "вечера"} and number < 12) or (not half and number < 8):
        number += 12
    elif half == "am" and number == 12:
        number = 0
    return time(number, int(minute)) if number < 24 and int(minute) < 60 else None
