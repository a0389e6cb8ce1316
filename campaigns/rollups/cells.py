"""From what is known of people to the rows of numbers in which they count: whole arrays at a time. Pure: no database.

For each breakdown the messages are sorted by person and key; a person counts on each day under a key once, together
with the day on which they were counted there before. A row is a number of 63 bits (campaign and key, day, day before),
so that rows are added up by sorting numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBERS = (
    "messages",
    "contacted",
    "delivered",
    "bounced",
    "opened",
    "clicked",
    "replied",
    "positive",
    "information",
    "negative",
    "booked",
    "held",
    "opted_out",
    "won",
    "cents",
)
"""The columns of a row, in order."""
MESSAGES, CONTACTED, CENTS = 0, 1, len(NUMBERS) - 1
FREQUENT = ("delivered", "opened")
"""What comes of most messages: the lowest bits, so that an index holds the few with anything else."""
_RESULTS = NUMBERS[2:-1]
BITS = {kind: 1 << place for place, kind in enumerate((*FREQUENT, *(one for one in _RESULTS if one not in FREQUENT)))}
"""Kind of result → its bit in `outcomes`."""
VALUED = 1 << len(BITS)
"""The bit of what has a value."""
RARE = 1 << len(FREQUENT)
"""`outcomes` from here on hold more than what comes of most messages."""
OF_MESSAGES = (
    "sender", "provider", "channel", "step", "text", "variant", "language", "model", "reviewer", "arm",
)  # fmt: skip
OF_PEOPLE = ("industry", "country")
OF_TIME = ("weekday", "hour")
MESSAGE_DIMENSIONS = ("", *OF_PEOPLE, *OF_MESSAGES, *OF_TIME)
"""Campaign and segment are none here: rows name their campaign."""
PEOPLE_DIMENSIONS = ("", *OF_PEOPLE)
ANSWERS = ("replied", "positive", "booked")
"""Kinds of answers whose time is kept."""
WEEKS = 8
"""Weeks after the first message that are looked at."""
_WEEK, _QUARTER_HOUR = 7 * 86_400, 900
_EPOCH, _NEVER = date(1970, 1, 1).toordinal(), 0
"""Days are numbered from 1970, so that one fits into 16 bits; 0 is never."""

Ints = NDArray[np.int64]
DayRow = tuple[str, int, date, str, date, list[int]]
"""(dimension, campaign, day, key, day before, numbers)"""
PeopleRow = tuple[str, int, str, str, list[int]]
"""(dimension, campaign, key, stage, numbers and people)"""


@dataclass(frozen=True)
class Keys:
    """A key for each of many rows: the code of each, and the keys by code."""

    codes: Ints
    names: Sequence[Any]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Keys:
        known: dict[Any, int] = {}
        codes = np.fromiter((known.setdefault(value, len(known)) for value in values), np.int64, len(values))
        return cls(codes, list(known))

    def at(self, places: Ints) -> Keys:
        return Keys(self.codes[places], self.names)


@dataclass(frozen=True)
class People:
    """People in campaigns, one place each. Times are seconds since 1970, −1 where there is none."""

    campaign: Keys
    stage: Keys
    keys: Mapping[str, Keys]
    """Of `OF_PEOPLE`."""
    outcomes: Ints
    cents: Ints
    answered: Mapping[str, Ints]


@dataclass(frozen=True)
class Messages:
    """What left to them, in the order of person and time. `person` is a place among the people."""

    person: Ints
    at: Ints
    outcomes: Ints
    cents: Ints
    keys: Mapping[str, Keys]
    """Of `OF_MESSAGES`."""


Locate = Callable[[Ints], tuple[Ints, Ints, Ints]]


def locator(zone: tzinfo) -> Locate:
    """Where moments lie in `zone`: (day, weekday, hour); worked out by the quarter of an hour, the finest step of zones."""

    def locate(at: Ints) -> tuple[Ints, Ints, Ints]:
        quarters, places = np.unique(at // _QUARTER_HOUR, return_inverse=True)
        local = [datetime.fromtimestamp(int(one) * _QUARTER_HOUR, UTC).astimezone(zone) for one in quarters]
        found = [(one.toordinal() - _EPOCH, one.isoweekday(), one.hour) for one in local]
        table = np.array(found, dtype=np.int64).reshape(-1, 3)[places]
        return table[:, 0], table[:, 1], table[:, 2]

    return locate


def day_rows(people: People, messages: Messages, locate: Locate, everything: int) -> Iterator[DayRow]:
    """The rows of days of one zone: those of each campaign, and those of all together (`everything`)."""
    day, weekday, hour = locate(messages.at)
    numbers = [str(n) for n in range(24)]
    nothing = Keys(np.zeros(len(day), np.int64), [""])
    keys = {"": nothing, "weekday": Keys(weekday, numbers), "hour": Keys(hour, numbers), **messages.keys}
    keys |= {name: one.at(messages.person) for name, one in people.keys.items()}
    campaign = people.campaign.at(messages.person)
    for name in MESSAGE_DIMENSIONS:
        found = _counted(messages, keys[name].codes, campaign.codes, day, len(keys[name].names))
        yield from _named(name, found, campaign.names, keys[name].names, everything)
    first = np.flatnonzero(np.diff(messages.person, prepend=-1))
    for kind in ANSWERS:
        answered = people.answered[kind][messages.person[first]]
        week = np.maximum(0, (answered - messages.at[first]) // _WEEK)
        chosen = first[(answered >= 0) & (week < WEEKS)]
        counted = _Rows(campaign.codes[chosen], week[(answered >= 0) & (week < WEEKS)], len(numbers))
        counted.add(CONTACTED, counted.pair, day[chosen], np.zeros(len(chosen), np.int64))
        yield from _named(answered_by(kind), counted.sums(), campaign.names, numbers, everything)


def answered_by(kind: str) -> str:
    """The dimension of people by the day of their first message; its keys are the weeks until this answer."""
    return f"answered-{kind}"


Sums = tuple[Ints, Ints, Ints, Ints, Ints]
"""(campaign code, key code, day, day before, numbers: rows × columns)"""


class _Rows:
    """Rows of one breakdown that are being added up."""

    def __init__(self, campaign: Ints, key: Ints, size: int) -> None:
        self.pairs, self.pair = np.unique(campaign * size + key, return_inverse=True)
        self.size = size
        self.parts: list[tuple[int, Ints, Ints]] = []

    def add(self, column: int, pair: Ints, day: Ints, before: Ints, values: Ints | None = None) -> None:
        rows, places, counts = np.unique(
            pair << 32 | day << 16 | before, return_inverse=True, return_counts=True
        )  # fmt: skip
        sums = counts if values is None else np.bincount(places, weights=values, minlength=len(rows)).astype(np.int64)
        self.parts.append((column, rows, sums))

    def sums(self) -> Sums:
        rows, places = np.unique(np.concatenate([part[1] for part in self.parts]), return_inverse=True)
        numbers = np.zeros((len(rows), len(NUMBERS)), np.int64)
        start = 0
        for column, part, values in self.parts:
            numbers[places[start : start + len(part)], column] += values
            start += len(part)
        pair = self.pairs[rows >> 32]
        return pair // self.size, pair % self.size, rows >> 16 & 0xFFFF, rows & 0xFFFF, numbers


def _counted(messages: Messages, key: Ints, campaign: Ints, day: Ints, size: int) -> Sums:
    """Everyone once a day under each key, by the day on which they were counted there before."""
    rows = _Rows(campaign, key, size)
    never = np.zeros(len(day), np.int64)
    rows.add(MESSAGES, rows.pair, day, never)
    if messages.cents.any():
        rows.add(CENTS, rows.pair, day, never, messages.cents)
    part = messages.person * size + key
    order = np.argsort(part, kind="stable")
    part, pair, day, outcomes = part[order], rows.pair[order], day[order], messages.outcomes[order]
    for column, name in enumerate((NUMBERS[CONTACTED], *_RESULTS), CONTACTED):
        bit = BITS.get(name, 0)
        chosen = np.flatnonzero(outcomes & bit) if bit else np.arange(len(part))
        if not len(chosen):
            continue
        theirs, on = part[chosen], day[chosen]
        is_same = np.concatenate(([False], theirs[1:] == theirs[:-1]))
        before = np.where(is_same, np.concatenate(([_NEVER], on[:-1])), _NEVER)
        is_first = ~is_same | (before != on)
        rows.add(column, pair[chosen][is_first], on[is_first], before[is_first])
    return rows.sums()


def _named(name: str, sums: Sums, campaigns: Sequence[int], keys: Sequence[str], everything: int) -> Iterator[DayRow]:
    """The rows with their names, and those of all campaigns: nobody is in two campaigns with one candidacy."""
    campaign, key, day, before, numbers = sums
    alike, places = np.unique(key << 32 | day << 16 | before, return_inverse=True)
    totals = np.zeros((len(alike), len(NUMBERS)), np.int64)
    np.add.at(totals, places, numbers)
    parts = [
        ([campaigns[code] for code in campaign], key, day, before, numbers),
        ([everything] * len(alike), alike >> 32, alike >> 16 & 0xFFFF, alike & 0xFFFF, totals),
    ]
    for ids, codes, days, befores, values in parts:
        for pk, code, at, last, line in zip(
            ids, codes.tolist(), days.tolist(), befores.tolist(), values.tolist(), strict=True
        ):
            yield name, pk, _date(at), keys[code], _date(last) if last else date.min, line


def _date(number: int) -> date:
    return date.fromordinal(number + _EPOCH)


def people_rows(people: People, messages: Messages) -> Iterator[PeopleRow]:
    """The rows of stages."""
    size, stages = len(people.stage.codes), len(people.stage.names)
    sent = np.bincount(messages.person, minlength=size)
    columns = [sent, (sent > 0).astype(np.int64)]
    columns += [(people.outcomes & bit > 0).astype(np.int64) for bit in map(BITS.__getitem__, _RESULTS)]
    values = np.stack([*columns, people.cents, np.ones(size, np.int64)], axis=1)
    for name in PEOPLE_DIMENSIONS:
        key = people.keys[name] if name else Keys(np.zeros(size, np.int64), [""])
        place = (people.campaign.codes * len(key.names) + key.codes) * stages + people.stage.codes
        alike, places = np.unique(place, return_inverse=True)
        sums = np.zeros((len(alike), values.shape[1]), np.int64)
        np.add.at(sums, places, values)
        for code, line in zip(alike.tolist(), sums.tolist(), strict=True):
            pair, stage = divmod(code, stages)
            campaign, named = divmod(pair, len(key.names))
            yield name, people.campaign.names[campaign], key.names[named], people.stage.names[stage], line
