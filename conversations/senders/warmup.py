"""The warm-up ramp: a new mailbox starts small and may send more after each day on which it was really used. Pure.

A day counts as used when at least half of what it allowed went out. Days off, pauses and idle weeks leave the ramp
where it is: a provider trusts what it has seen, not the calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

USED_SHARE = 0.5
"""Share of a day's allowance that must have gone out for the day to count."""


@dataclass(frozen=True)
class Ramp:
    """Messages on the first day, how many more after each used day, and where it ends. A step of zero stays at `start`."""

    start: int
    step: int
    ceiling: int


@dataclass(frozen=True)
class Progress:
    """`level` used days so far; `day` is the last of them (its use raises tomorrow's allowance, not today's)."""

    level: int = 0
    day: date | None = None


def allowance_at(ramp: Ramp, level: int) -> int:
    """What a day allows after `level` used days."""
    return max(0, min(ramp.ceiling, ramp.start + level * ramp.step))


def completed(progress: Progress, today: date) -> int:
    """Used days before `today`."""
    return max(0, progress.level - (progress.day is not None and progress.day >= today))


def allowance(ramp: Ramp, progress: Progress, today: date) -> int:
    """How many messages may leave `today`."""
    return allowance_at(ramp, completed(progress, today))


def after_use(ramp: Ramp, progress: Progress, today: date, used_today: int) -> Progress:
    """The progress once `used_today` messages have left today; a day counts once."""
    if progress.day is not None and progress.day >= today:
        return progress
    permitted = allowance(ramp, progress, today)
    if permitted >= ramp.ceiling or used_today < max(1, USED_SHARE * permitted):
        return progress
    return Progress(progress.level + 1, today)


def curve(ramp: Ramp, *, days: int = 60) -> list[int]:
    """The allowance of each used day until the ceiling is reached, `days` at most."""
    found: list[int] = []
    for level in range(days):
        found.append(allowance_at(ramp, level))
        if found[-1] >= ramp.ceiling or not ramp.step:
            break
    return found


def to_json(progress: Progress) -> dict[str, Any]:
    return {"level": progress.level, "day": progress.day.isoformat() if progress.day else None}


def from_json(value: Mapping[str, Any] | None) -> Progress:
    if not value:
        return Progress()
    day = value.get("day")
    return Progress(int(value.get("level", 0)), date.fromisoformat(day) if day else None)
