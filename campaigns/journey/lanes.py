"""Spread waiting messages over senders' allowances, as delivery will: what leaves when, and what holds the rest. Pure.

Each sender is a desk that serves one message at a time; each campaign is a lane with its own window and cap. A desk takes
the waiting message of the highest rank whose recipient is inside the hours now, so that a gap left by one zone is filled
from another. Caps are rolling windows, the gap is the expected one.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

HOUR, DAY, WEEK = 3600.0, 86_400.0, 604_800.0
FOREVER = float("inf")
Interval = tuple[float, float]
"""Seconds since the epoch, from and until."""


@dataclass
class Desk:
    """A sender's capacity. `openings` are its working times in order; `past` the moments of what it sent lately."""

    key: int
    openings: Sequence[Interval]
    hourly: int | None = None
    daily: int | None = None
    weekly: int | None = None
    gap: float = 0.0
    past: Iterable[float] = ()
    is_active: bool = True
    times: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.times = deque(sorted(self.past))

    def free_at(self, moment: float) -> tuple[float, str]:
        """The first moment from `moment` on at which one more may leave, and what makes it wait; "" for nothing."""
        reason = ""
        while True:
            later, why = self._after_caps(moment)
            opened = next_open(self.openings, later)
            if opened > later:
                later, why = opened, "hours"
            if later in (moment, FOREVER):
                return later, why or reason
            moment, reason = later, why or reason

    def _after_caps(self, moment: float) -> tuple[float, str]:
        latest, reason = moment, ""
        if self.times and self.gap and self.times[-1] + self.gap > latest:
            latest, reason = self.times[-1] + self.gap, "gap"
        for cap, span, name in (
            (self.hourly, HOUR, "hourly"),
            (self.daily, DAY, "daily"),
            (self.weekly, WEEK, "weekly"),
        ):
            if cap is None:
                continue
            if cap <= 0:
                return FOREVER, name
            if len(self.times) >= cap and self.times[-cap] + span > latest:
                latest, reason = self.times[-cap] + span, name
        return latest, reason

    def take(self, moment: float) -> None:
        self.times.append(moment)
        while self.times and self.times[0] < moment - WEEK:
            self.times.popleft()


@dataclass
class Lane:
    """A campaign's stream: its 24-hour cap, and whether it is active."""

    key: int
    daily: int | None = None
    is_active: bool = True
    times: deque[float] = field(default_factory=deque)

    def free_at(self, moment: float) -> float:
        if self.daily is None:
            return moment
        while self.times and self.times[0] <= moment - DAY:
            self.times.popleft()
        return moment if len(self.times) < self.daily else self.times[-self.daily] + DAY


@dataclass
class Waiting:
    """One message that waits: at which desk, in which lane, from when, and when its recipient may be written to."""

    key: Hashable
    desk: int
    lane: int
    ready: float
    hours: Sequence[Interval]
    rank: int = 0
    held: str = ""
    counts: bool = True
    """False for what only takes its place: nobody asks when it leaves."""


@dataclass(frozen=True)
class Slot:
    """When a message leaves; `held` is what it waited for beyond its own time, "" for nothing."""

    item: Waiting
    at: float
    held: str


@dataclass
class Plan:
    """The slots up to the horizon, and why the rest is left for later."""

    slots: list[Slot]
    held: list[tuple[Waiting, str]]

    def reasons(self) -> Counter[str]:
        return Counter(reason for _item, reason in self.held)


def next_open(openings: Sequence[Interval], moment: float) -> float:
    """The first moment from `moment` on inside `openings`; FOREVER after the last."""
    place = bisect_right(openings, (moment, FOREVER)) - 1
    if place >= 0 and moment < openings[place][1]:
        return moment
    return openings[place + 1][0] if place + 1 < len(openings) else FOREVER


def intersect(first: Sequence[Interval], second: Sequence[Interval]) -> list[Interval]:
    """The times that are in both."""
    found: list[Interval] = []
    i = j = 0
    while i < len(first) and j < len(second):
        start, end = max(first[i][0], second[j][0]), min(first[i][1], second[j][1])
        if start < end:
            found.append((start, end))
        if first[i][1] < second[j][1]:
            i += 1
        else:
            j += 1
    return found


class _Queue:
    """What waits at one desk: by its time what comes later, by its rank what is ready."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.future: list[tuple[float, int, Waiting]] = []
        self.ready: list[tuple[int, float, int, Waiting]] = []


class _Office:
    """All desks on one clock: the desk that is free first serves next."""

    def __init__(self, desks: Iterable[Desk], lanes: Iterable[Lane], now: float, until: float) -> None:
        self.queues = {desk.key: _Queue(desk) for desk in desks}
        self.lanes = {lane.key: lane for lane in lanes}
        self.now, self.until = now, until
        self.order = count()
        self.plan = Plan([], [])
        self.turns: list[tuple[float, int]] = []
        self.turn_at: dict[int, float] = {}
        self.asked = 0
        """How many of those that count still wait."""

    def admit(self, item: Waiting, moment: float, why: str = "") -> None:
        """Queue one from `moment` on for its recipient's hours, or return what blocks it permanently."""
        queue, lane = self.queues.get(item.desk), self.lanes.get(item.lane)
        if queue is None or not queue.desk.is_active:
            self._hold(item, "sender")
        elif lane is None or not lane.is_active:
            self._hold(item, "campaign")
        else:
            begin = max(item.ready, moment)
            opened = next_open(item.hours, begin)
            item.held = "window" if opened > begin else why or item.held
            if opened > self.until:
                self._hold(item, item.held or "later")
                return
            heapq.heappush(queue.future, (opened, next(self.order), item))
            self._wake(item.desk, opened)

    def _hold(self, item: Waiting, why: str) -> None:
        self.plan.held.append((item, why))
        self.asked -= item.counts

    def _wake(self, key: int, moment: float) -> None:
        """Wake a desk at `moment`, unless it wakes earlier."""
        if moment < self.turn_at.get(key, FOREVER):
            self.turn_at[key] = moment
            heapq.heappush(self.turns, (moment, key))

    def serve(self) -> Iterator[Slot]:
        """The slots in the order of time, as long as one of those that count waits."""
        while self.turns and self.asked:
            moment, key = heapq.heappop(self.turns)
            if self.turn_at.get(key) != moment:
                continue
            del self.turn_at[key]
            queue = self.queues[key]
            if queue.future and not queue.ready and queue.future[0][0] > moment:
                moment = queue.future[0][0]
            free, why = queue.desk.free_at(moment)
            if free > self.until:
                self._close(queue, why)
                continue
            if free > moment:
                for *_rest, item in queue.ready:
                    item.held = why or item.held
                self._call(queue, free, why)
                self._wake(key, free)
                continue
            self._call(queue, moment, "")
            slot = self._next(queue, moment)
            if slot is not None:
                self.plan.slots.append(slot)
                self.asked -= slot.item.counts
                yield slot
            if queue.ready or queue.future:
                self._wake(key, moment if queue.ready else max(moment, queue.future[0][0]))

    def _call(self, queue: _Queue, moment: float, why: str) -> None:
        """Those whose time has come are ready."""
        while queue.future and queue.future[0][0] <= moment:
            _opened, number, item = heapq.heappop(queue.future)
            item.held = why or item.held
            heapq.heappush(queue.ready, (-item.rank, item.ready, number, item))

    def _close(self, queue: _Queue, why: str) -> None:
        left = [item for *_rest, item in queue.ready] + [item for *_rest, item in queue.future]
        for item in left:
            self._hold(item, why or item.held or "later")
        queue.ready, queue.future = [], []

    def _next(self, queue: _Queue, moment: float) -> Slot | None:
        """The best that is ready and may leave at `moment`; the rest goes back with its reason."""
        while queue.ready:
            *_rest, item = heapq.heappop(queue.ready)
            if next_open(item.hours, moment) > moment:
                self.admit(item, moment, "window")
                continue
            lane = self.lanes[item.lane]
            free = lane.free_at(moment)
            if free > moment:
                self.admit(item, free, "campaign_cap")
                continue
            queue.desk.take(moment)
            if lane.daily is not None:
                lane.times.append(moment)
            return Slot(item, moment, item.held if moment > item.ready else "")
        return None


def spread(
    *,
    desks: Iterable[Desk],
    lanes: Iterable[Lane],
    waiting: Iterable[Waiting],
    now: float,
    until: float,
    after: Callable[[Slot], Iterable[Waiting]] | None = None,
) -> Plan:
    """Give each waiting message its slot up to `until`. `after` names what follows a message that left.

    It ends when all that count are placed or held.
    """
    office = _Office(desks, lanes, now, until)
    for item in waiting:
        office.asked += item.counts
        office.admit(item, now)
    for slot in office.serve():
        for item in after(slot) if after is not None else ():
            office.asked += item.counts
            office.admit(item, slot.at)
    return office.plan
