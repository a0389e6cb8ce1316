"""Which lane of an account runs next, and when it runs again. Pure.

Priorities stand in the order of the field's practice: invitations first, then looks at invitations that wait, then
messages to contacts, then looking for messages; reading profiles fills the gaps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

CONNECT, CHECK_PENDING, FOLLOW_UP, POLL = "connect", "check_pending", "follow_up", "poll"
PRIORITY = (CONNECT, CHECK_PENDING, FOLLOW_UP, POLL)
JITTER = (0.8, 1.2)
LONGEST = timedelta(days=16)
GIVE_UP_AFTER = timedelta(days=60)


@dataclass(frozen=True)
class Lane:
    """A lane and the moment from which it has work; None: it has none."""

    name: str
    due_at: datetime | None


def choose(lanes: Iterable[Lane], now: datetime) -> Lane | None:
    """The lane to run now: of those that are due the most important one; None when none is."""
    due = [lane for lane in lanes if lane.due_at is not None and lane.due_at <= now]
    return min(due, key=lambda lane: PRIORITY.index(lane.name), default=None)


def next_major_at(lanes: Iterable[Lane]) -> datetime | None:
    """When the next lane has work: until then there is a gap to fill."""
    return min((lane.due_at for lane in lanes if lane.due_at is not None), default=None)


def jittered(interval: timedelta, draw: float) -> timedelta:
    """`interval` times 0.8 to 1.2, by `draw` in 0…1."""
    return interval * (JITTER[0] + (JITTER[1] - JITTER[0]) * draw)


def recheck_after(first: timedelta, check_count: int) -> timedelta:
    """The wait before an invitation's next check after `check_count` checks: doubling, bounded."""
    doubled: timedelta = first * 2 ** min(check_count, 16)
    return min(doubled, max(LONGEST, first))


def is_given_up(invited_at: datetime, now: datetime) -> bool:
    """Whether an invitation has been pending for so long that it counts as ignored."""
    return now - invited_at >= GIVE_UP_AFTER
