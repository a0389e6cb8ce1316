"""From what is known of a person to the rows of numbers in which they count. Pure: no database, no settings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple

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
    "opted_out",
    "cents",
)
"""The columns of a row, in order."""
MESSAGES, CONTACTED, CENTS = 0, 1, len(NUMBERS) - 1
BITS = {kind: 1 << place for place, kind in enumerate(NUMBERS[2:-1])}
"""Kind of outcome → its bit in `outcomes`."""
NEVER = date.min.toordinal()
_QUARTER_HOUR = 900


@lru_cache(maxsize=1 << len(BITS))
def counters(outcomes: int) -> tuple[int, ...]:
    """The columns in which a message with these outcomes counts its person."""
    return (CONTACTED, *(2 + place for place in range(len(BITS)) if outcomes >> place & 1))


class Sent(NamedTuple):
    """A message that left."""

    at: int
    """Seconds since 1970."""
    sender: str
    provider: str
    channel: str
    step: str
    text: str
    variant: str
    language: str
    model: str
    reviewer: str
    arm: str
    outcomes: int = 0
    """Bits of what came of this message."""
    cents: int = 0


class Person(NamedTuple):
    """Somebody in a campaign, with the messages that left to them in the order of their time."""

    campaign: int
    stage: str
    industry: str
    country: str
    outcomes: int
    """Bits of what came of them at all."""
    cents: int
    sent: tuple[Sent, ...] = ()

    def as_list(self) -> list[Any]:
        """For JSON; see `of_list`."""
        return [*self[:-1], [list(message) for message in self.sent]]

    @staticmethod
    def of_list(values: list[Any]) -> Person:
        """The inverse of `as_list`."""
        return Person._make([*values[:-1], tuple(Sent(*message) for message in values[-1])])


class Spot(NamedTuple):
    """A moment in a zone."""

    day: int
    weekday: str
    hour: str


Locate = Callable[[int], Spot]
DayCell = tuple[int, str, int, int, str, int]
"""(zone, dimension, campaign, day, key, day before)"""
PeopleCell = tuple[str, int, str, str]
"""(dimension, campaign, key, stage)"""
Cells = defaultdict[Any, list[int]]

MESSAGE_DIMENSIONS: dict[str, Callable[[Person, Sent, Spot], str]] = {
    "": lambda _person, _sent, _spot: "",
    "industry": lambda person, _sent, _spot: person.industry,
    "country": lambda person, _sent, _spot: person.country,
    "sender": lambda _person, sent, _spot: sent.sender,
    "provider": lambda _person, sent, _spot: sent.provider,
    "channel": lambda _person, sent, _spot: sent.channel,
    "step": lambda _person, sent, _spot: sent.step,
    "text": lambda _person, sent, _spot: sent.text,
    "variant": lambda _person, sent, _spot: sent.variant,
    "language": lambda _person, sent, _spot: sent.language,
    "model": lambda _person, sent, _spot: sent.model,
    "reviewer": lambda _person, sent, _spot: sent.reviewer,
    "arm": lambda _person, sent, _spot: sent.arm,
    "weekday": lambda _person, _sent, spot: spot.weekday,
    "hour": lambda _person, _sent, spot: spot.hour,
}
"""Campaign and segment are no dimensions here: rows name their campaign."""
PEOPLE_DIMENSIONS: dict[str, Callable[[Person], str]] = {
    "": lambda _person: "",
    "industry": lambda person: person.industry,
    "country": lambda person: person.country,
}


def day_cells() -> Cells:
    """Rows of days, all zero until they are added to."""
    return defaultdict(lambda: [0] * len(NUMBERS))


def people_cells() -> Cells:
    """Rows of stages: the same columns, then the number of people."""
    return defaultdict(lambda: [0] * (len(NUMBERS) + 1))


def locator(zone: tzinfo) -> Locate:
    """Where moments lie in `zone`; remembered by the quarter of an hour, the finest step of zones."""

    @lru_cache(maxsize=200_000)
    def spot(quarter: int) -> Spot:
        local = datetime.fromtimestamp(quarter * _QUARTER_HOUR, UTC).astimezone(zone)
        return Spot(local.toordinal(), str(local.isoweekday()), str(local.hour))

    return lambda at: spot(at // _QUARTER_HOUR)


def add_days(cells: Cells, zone: int, locate: Locate, person: Person, sign: int) -> None:
    """Count the person's messages in the rows of their days, or with a `sign` of −1 take them out again."""
    spots = [(locate(sent.at), sent) for sent in person.sent]
    for dimension, key_of in MESSAGE_DIMENSIONS.items():
        last: dict[tuple[str, int], int] = {}
        for spot, sent in spots:
            key = key_of(person, sent, spot)
            row = (zone, dimension, person.campaign, spot.day, key)
            plain = cells[(*row, NEVER)]
            plain[MESSAGES] += sign
            plain[CENTS] += sign * sent.cents
            for counter in counters(sent.outcomes):
                before = last.get((key, counter), NEVER)
                if before != spot.day:
                    cells[(*row, before)][counter] += sign
                    last[key, counter] = spot.day


def add_person(cells: Cells, person: Person, sign: int) -> None:
    """Count the person in the rows of their stage."""
    for dimension, key_of in PEOPLE_DIMENSIONS.items():
        row = cells[dimension, person.campaign, key_of(person), person.stage]
        row[-1] += sign
        row[MESSAGES] += sign * len(person.sent)
        row[CENTS] += sign * person.cents
        for counter in counters(person.outcomes)[0 if person.sent else 1 :]:
            row[counter] += sign


def with_totals(cells: Cells, everything: int) -> Cells:
    """The rows of days, and those of all campaigns together: nobody is in two campaigns with one candidacy."""
    found = day_cells()
    for row, values in cells.items():
        if any(values):
            found[row] = values
            total = found[(row[0], row[1], everything, *row[3:])]
            for place, value in enumerate(values):
                total[place] += value
    return found


def of_day(cells: Cells, day: int) -> Cells:
    """Only the rows of one day."""
    found = day_cells()
    found.update((row, values) for row, values in cells.items() if row[3] == day)
    return found
