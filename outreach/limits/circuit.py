"""A circuit breaker: after repeated faults no calls are made for a while, then one call probes.

The decision is pure; who uses it (model providers, web hosts) keeps the state in one row that all workers share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

FAILURES_TO_OPEN = 5
"""Consecutive provider faults after which it is spared."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
PROBE_LEASE = timedelta(seconds=60)
"""While one worker probes, the others keep sparing the provider for this long."""


class Decision(Enum):
    ASK = "ask"
    PROBE = "probe"
    """Ask if no one else is probing."""
    SPARE = "spare"


@dataclass(frozen=True)
class Snapshot:
    """The state of one circuit. `opened_until` is set while the provider is spared."""

    failures: int = 0
    opened_until: datetime | None = None


def decide(snapshot: Snapshot, *, now: datetime) -> Decision:
    """Whether to ask the provider now."""
    if snapshot.opened_until is None:
        return Decision.ASK
    return Decision.SPARE if now < snapshot.opened_until else Decision.PROBE


def after_failure(snapshot: Snapshot, *, now: datetime) -> Snapshot:
    """The state after one more fault: open from the fifth on, each time twice as long, ten minutes at most."""
    failures = snapshot.failures + 1
    if failures < FAILURES_TO_OPEN:
        return Snapshot(failures, snapshot.opened_until)
    doublings = min(failures - FAILURES_TO_OPEN, 10)
    return Snapshot(failures, now + min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE))
