"""How long a sign-in must wait after failures. Pure: given counts, it answers in seconds."""

from __future__ import annotations

FREE_FAILURES = 5
"""Failures of one login name from one address that cost nothing: people mistype."""
FREE_FAILURES_PER_ADDRESS = 30
"""Failures from one address over all names: an office behind one address mistypes more often."""
FIRST_LOCK_SECONDS = 30
LONGEST_LOCK_SECONDS = 3600
FORGET_AFTER_SECONDS = 86_400
"""A day without a failure resets the count."""


def lock_seconds(failures: int, *, free: int = FREE_FAILURES) -> int:
    """30 s after `free` failures in a row, doubled with each further one, an hour at most."""
    if failures < free:
        return 0
    return min(LONGEST_LOCK_SECONDS, FIRST_LOCK_SECONDS << min(failures - free, 16))
