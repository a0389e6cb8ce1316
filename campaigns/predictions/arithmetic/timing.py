"""The best weekday and hour to write, per segment, in the recipient's time.

The whole's weekdays and hours are ratios to its own rate (`shrinkage`). A segment's ratio is the whole's, times what the
segment shows beyond it: expected replies are then messages x the segment's rate x the whole's ratio. A weekday or hour
is called the best only if it very likely beats the average; otherwise nothing is said.

These are observations, not an experiment: who was written to in the morning may differ from who was in the evening.
What following them brings is measured beside a held-out share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

from campaigns.predictions.arithmetic.shrinkage import Floats, product_surely_above, shrink

WEEKDAYS, HOURS = 7, 24
BETTER = 1.05
"""A slot has to beat the average by this ratio,"""
SURE = 0.98
"""with this probability,"""
FEWEST_IN_A_SLOT = 30
"""on at least so many messages."""
WORTH_A_MOVE = 1.1
"""A message moves to an hour that promises this much more than its own."""
WHOLE = 0


@dataclass(frozen=True)
class Sent:
    """Messages that left: segment (0 is none), local weekday and hour, and whether each was answered. Equal lengths."""

    segment: NDArray[np.int64]
    weekday: NDArray[np.int64]
    hour: NDArray[np.int64]
    is_answered: NDArray[np.bool_]


@dataclass(frozen=True)
class Slot:
    """One weekday or hour: what was sent, what was answered, its ratio to the average, and how sure it is to be better."""

    number: int
    messages: int
    replies: int
    ratio: float
    surety: float

    @property
    def is_better(self) -> bool:
        return self.surety >= SURE and self.messages >= FEWEST_IN_A_SLOT


@dataclass(frozen=True)
class Timing:
    """Weekdays and hours of one segment, or of the whole."""

    messages: int
    replies: int
    weekdays: list[Slot]
    hours: list[Slot]

    @property
    def best_weekday(self) -> Slot | None:
        return best(self.weekdays)

    @property
    def best_hour(self) -> Slot | None:
        return best(self.hours)

    def as_json(self) -> dict[str, Any]:
        return {
            "messages": self.messages,
            "replies": self.replies,
            "weekdays": [[s.number, s.messages, s.replies, s.ratio, s.surety] for s in self.weekdays],
            "hours": [[s.number, s.messages, s.replies, s.ratio, s.surety] for s in self.hours],
        }

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Timing:
        slots = {name: [Slot(*slot) for slot in found[name]] for name in ("weekdays", "hours")}
        return cls(found["messages"], found["replies"], **slots)


def best(slots: list[Slot]) -> Slot | None:
    """The slot that promises most among those that surely beat the average; None: nothing can be said."""
    return max((slot for slot in slots if slot.is_better), key=lambda slot: slot.ratio, default=None)


def learn(sent: Sent, *, fewest: int) -> dict[int, Timing]:
    """Timings by segment, the whole as segment 0; segments with fewer than `fewest` messages are left out."""
    answered = sent.is_answered.astype(float)
    if not len(answered) or not answered.sum():
        return {}
    segments, place = np.unique(sent.segment, return_inverse=True)
    count = np.bincount(place, minlength=len(segments)).astype(float)
    replies = np.bincount(place, weights=answered, minlength=len(segments))
    rate = answered.mean() * shrink(replies, count * answered.mean()).mean
    by_kind = {
        "weekdays": _slots(place, sent.weekday, answered, rate, WEEKDAYS),
        "hours": _slots(place, sent.hour, answered, rate, HOURS),
    }
    found = {WHOLE: Timing(len(answered), int(answered.sum()), **{name: s[0] for name, s in by_kind.items()})}
    for i, segment in enumerate(segments):
        if segment != WHOLE and count[i] >= fewest:
            own = {name: slots[i + 1] for name, slots in by_kind.items()}
            found[int(segment)] = Timing(int(count[i]), int(replies[i]), **own)
    return found


def _slots(
    place: NDArray[np.int64], slot: NDArray[np.int64], answered: Floats, rate: Floats, size: int
) -> list[list[Slot]]:
    """The slots of the whole, then of each segment."""
    cells = place * size + slot
    shape = (len(rate), size)
    sent = np.bincount(cells, minlength=len(rate) * size).reshape(shape).astype(float)
    seen = np.bincount(cells, weights=answered, minlength=len(rate) * size).reshape(shape)
    whole = shrink(seen.sum(0), (sent * rate[:, None]).sum(0))
    own = shrink(seen, sent * rate[:, None] * whole.mean[None, :])
    ratio = own.mean * whole.mean[None, :]
    sure = product_surely_above(own, whole, BETTER)  # what the whole shows is not certain either
    rows = [(sent.sum(0), seen.sum(0), whole.mean, whole.surely_above(BETTER))]
    rows += [(sent[i], seen[i], ratio[i], sure[i]) for i in range(len(rate))]
    return [
        [Slot(n, int(s[n]), int(o[n]), round(float(r[n]), 4), round(float(p[n]), 4)) for n in range(size)]
        for s, o, r, p in rows
    ]


def better_moment(due: datetime, *, zone: tzinfo, hours: list[Slot], opens: int, closes: int, minute: int) -> datetime:
    """`due`, or a later hour of the same local day that promises clearly more, at `minute` of it.

    `opens` and `closes` are minutes since midnight: nothing moves out of the window. Unchanged when no hour is sure.
    """
    local = due.astimezone(zone)
    by_hour = {slot.number: slot for slot in hours}
    now = by_hour[local.hour].ratio
    later = [
        slot
        for slot in hours
        if slot.number > local.hour and slot.is_better and opens <= slot.number * 60 and slot.number * 60 + 60 <= closes
    ]
    chosen = best(later)
    if chosen is None or chosen.ratio < now * WORTH_A_MOVE:
        return due
    return due + timedelta(hours=chosen.number - local.hour, minutes=minute - local.minute)
