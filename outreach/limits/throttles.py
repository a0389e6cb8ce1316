"""A rate lowered at a carrier's request: halved at each complaint, recovering slowly. Pure.

Additive increase and multiplicative decrease, as TCP does it: each complaint halves the rate, each quiet hour gives a
tenth of the full rate back. What may be taken at once is a quarter of an hour's worth, and at least one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

HALVING = 0.5
GROWTH_PER_HOUR = 0.1
"""Share of the full rate that a quiet hour gives back: from half to full in five hours, from the floor in ten."""
FLOOR_PER_HOUR = 1.0
"""It never drops to zero: without an occasional message no one would learn that the carrier accepts them again."""
ONE_COMPLAINT = timedelta(minutes=2)
"""Complaints that come this close together are one: a batch that is refused whole halves the rate once."""
BURST_SHARE = 0.25


@dataclass(frozen=True)
class Throttle:
    """`per_hour` was the rate at `slowed_at` (None: never slowed, a standing limit); `tokens` were there at `at`."""

    per_hour: float
    full_per_hour: float
    tokens: float
    at: datetime
    slowed_at: datetime | None = None


def standing(full_per_hour: float, now: datetime) -> Throttle:
    """A limit set by hand, with a full bucket."""
    return Throttle(full_per_hour, full_per_hour, _burst(full_per_hour), now)


def rate(throttle: Throttle, now: datetime) -> float:
    """The rate an hour at `now`: what it was lowered to, and what grew back since."""
    if throttle.slowed_at is None:
        return throttle.full_per_hour
    hours = max(0.0, (now - throttle.slowed_at).total_seconds() / 3600)
    return min(throttle.full_per_hour, throttle.per_hour + hours * GROWTH_PER_HOUR * throttle.full_per_hour)


def is_recovered(throttle: Throttle, now: datetime) -> bool:
    """Whether the full rate is back."""
    return rate(throttle, now) >= throttle.full_per_hour


def slow_down(throttle: Throttle | None, full_per_hour: float, now: datetime) -> Throttle:
    """The throttle after a complaint at `now`; the bucket starts empty, so that the next one waits."""
    full = max(full_per_hour, FLOOR_PER_HOUR)
    if throttle is None:
        return Throttle(max(FLOOR_PER_HOUR, full * HALVING), full, 0.0, now, now)
    if throttle.slowed_at is not None and now - throttle.slowed_at < ONE_COMPLAINT:
        return throttle
    lowered = max(FLOOR_PER_HOUR, min(rate(throttle, now), full) * HALVING)
    return Throttle(lowered, full, 0.0, now, now)


def room(throttle: Throttle, now: datetime) -> int:
    """How many uses may be taken at `now`."""
    return int(_tokens(throttle, now) + 1e-9)


def spend(throttle: Throttle, count: int, now: datetime) -> Throttle:
    """The throttle after `count` uses at `now`."""
    return Throttle(
        throttle.per_hour,
        throttle.full_per_hour,
        _tokens(throttle, now) - count,
        max(now, throttle.at),
        throttle.slowed_at,
    )


def free_at(throttle: Throttle, now: datetime) -> datetime:
    """When the next use may be taken: `now` when it may."""
    missing = 1 - _tokens(throttle, now)
    if missing <= 1e-9:
        return now
    return now + timedelta(hours=missing / max(FLOOR_PER_HOUR, rate(throttle, now)))


def _burst(per_hour: float) -> float:
    return max(1.0, per_hour * BURST_SHARE)


def _tokens(throttle: Throttle, now: datetime) -> float:
    """Tokens at `now`, at the present rate (a little generous while it grows, never above the burst)."""
    seconds = max(0.0, (now - throttle.at).total_seconds())
    present = rate(throttle, now)
    return min(_burst(present), throttle.tokens + seconds * present / 3600)


def to_json(throttle: Throttle) -> dict[str, Any]:
    return {
        "per_hour": throttle.per_hour,
        "full_per_hour": throttle.full_per_hour,
        "tokens": throttle.tokens,
        "at": throttle.at.isoformat(),
        "slowed_at": throttle.slowed_at.isoformat() if throttle.slowed_at else None,
    }


def from_json(value: Mapping[str, Any]) -> Throttle:
    slowed_at = value.get("slowed_at")
    return Throttle(
        float(value["per_hour"]),
        float(value["full_per_hour"]),
        float(value["tokens"]),
        datetime.fromisoformat(value["at"]),
        datetime.fromisoformat(slowed_at) if slowed_at else None,
    )
