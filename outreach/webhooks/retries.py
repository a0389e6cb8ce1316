"""When a delivery is tried again, and when its receiver is given up. Pure."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Waits after the first, second, … failure, as Standard Webhooks recommends: ten attempts in a little over three days."""
MAX_ATTEMPTS = len(DELAYS) + 1
JITTER = 0.2
"""Each wait is up to so much longer, so that what failed together does not come back together."""
LONGEST_WAIT = timedelta(hours=24)
"""What a receiver may ask for at most (Retry-After)."""
GIVE_UP_AFTER = timedelta(days=5)
"""A receiver that failed for so long without a single success is switched off."""


def next_wait(attempts: int, *, asked: timedelta | None = None, dice: random.Random | None = None) -> timedelta | None:
    """The wait after so many failed attempts, or None when that was the last; never shorter than the receiver asked."""
    if attempts >= MAX_ATTEMPTS:
        return None
    wait = DELAYS[max(attempts, 1) - 1] * (1 + JITTER * (dice or random).random())
    return max(wait, min(asked, LONGEST_WAIT)) if asked else wait


def is_given_up(failing_since: datetime | None, *, now: datetime) -> bool:
    """Whether a receiver has failed for too long."""
    return failing_since is not None and now - failing_since >= GIVE_UP_AFTER
