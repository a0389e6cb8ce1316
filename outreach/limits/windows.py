"""Rolling windows: how much was used in the last hour, 24 hours and 7 days, from counts in slots. Pure.

Usage is kept in slots of five minutes (for the hour) and of one hour (for the day and the week). A slot that lies
partly inside the window counts wholly, so the true count never exceeds a cap; at most one slot's worth is given away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from outreach.core.words import gettext as _
from outreach.core.words import gettext_noop

Usage = Mapping[str, Any]


@dataclass(frozen=True)
class Span:
    """A rolling window: its length, the length of its slots, and where in `usage` they are."""

    name: str
    seconds: int
    slot_seconds: int
    key: str

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return _(self.name)


HOUR = Span(gettext_noop("hour"), 3600, 300, "minutes")
DAY = Span(gettext_noop("24 hours"), 86_400, 3600, "hours")
WEEK = Span(gettext_noop("7 days"), 604_800, 3600, "hours")
SPANS = (HOUR, DAY, WEEK)


@dataclass(frozen=True)
class Limits:
    """Caps over the rolling windows (None: no cap) and the least gap between two uses."""

    hourly: int | None = None
    daily: int | None = None
    weekly: int | None = None
    gap: timedelta = timedelta()

    def caps(self) -> list[tuple[Span, int]]:
        pairs = zip(SPANS, (self.hourly, self.daily, self.weekly), strict=True)
        return [(span, cap) for span, cap in pairs if cap is not None]


def _slot(moment: datetime, slot_seconds: int) -> int:
    return int(moment.timestamp()) // slot_seconds


def used(usage: Usage, span: Span, now: datetime) -> int:
    """How many uses lie in the window that ends at `now`, slots at its edge counted wholly."""
    first = (int(now.timestamp()) - span.seconds) // span.slot_seconds
    return sum(count for slot, count in usage.get(span.key, {}).items() if int(slot) >= first)


def used_since(usage: Usage, moment: datetime) -> int:
    """How many uses lie in the hourly slots that begin at or after `moment` (a local midnight, for example)."""
    first = -(-int(moment.timestamp()) // WEEK.slot_seconds)
    return sum(count for slot, count in usage.get(WEEK.key, {}).items() if int(slot) >= first)


def room(usage: Usage, limits: Limits, now: datetime) -> int | None:
    """How many more uses the caps allow at `now`; None without caps."""
    return min((max(0, cap - used(usage, span, now)) for span, cap in limits.caps()), default=None)


def frees_at(usage: Usage, span: Span, cap: int, now: datetime) -> datetime | None:
    """When the window will next have room under `cap`: `now` when it has, None when the cap is zero."""
    if cap <= 0:
        return None
    over = used(usage, span, now) - cap + 1
    if over <= 0:
        return now
    first = (int(now.timestamp()) - span.seconds) // span.slot_seconds
    for slot, count in sorted((int(slot), count) for slot, count in usage.get(span.key, {}).items()):
        if slot < first:
            continue
        over -= count
        if over <= 0:
            return datetime.fromtimestamp((slot + 1) * span.slot_seconds + span.seconds, UTC)
    return None


def all_free_at(usage: Usage, limits: Limits, now: datetime) -> datetime | None:
    """When every cap will have room; None when one is zero."""
    moments = [frees_at(usage, span, cap, now) for span, cap in limits.caps()]
    return None if None in moments else max((moment for moment in moments if moment), default=now)


def add(usage: Usage, count: int, now: datetime) -> dict[str, Any]:
    """`usage` with `count` more uses at `now`; slots that no window sees any more are dropped."""
    changed = dict(usage)
    for span in (HOUR, WEEK):
        oldest = (int(now.timestamp()) - span.seconds) // span.slot_seconds
        slots = {slot: n for slot, n in usage.get(span.key, {}).items() if int(slot) >= oldest}
        current = str(_slot(now, span.slot_seconds))
        slots[current] = slots.get(current, 0) + count
        changed[span.key] = slots
    return changed


def withdraw(usage: Usage, count: int, taken_at: datetime) -> dict[str, Any]:
    """`usage` without `count` uses that were taken at `taken_at`, for what was taken and not used."""
    changed = dict(usage)
    for span in (HOUR, WEEK):
        slots = dict(usage.get(span.key, {}))
        slot = str(_slot(taken_at, span.slot_seconds))
        left = slots.get(slot, 0) - count
        slots.pop(slot, None)
        if left > 0:
            slots[slot] = left
        changed[span.key] = slots
    return changed
