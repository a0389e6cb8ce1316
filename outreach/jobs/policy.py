"""The queue's settings, with the reasons for them."""

from __future__ import annotations

from datetime import timedelta

LANES = ("default", "email", "sms", "web", "llm")
"""By resource, never one a campaign."""

MAX_ATTEMPTS = 5
"""Counted at claim, so that a task that kills its worker is counted too."""
CLAIM_LEASE = timedelta(seconds=300)
"""Who drains a lane claims several, and the last one waits; starting fences against a lapsed lease."""
RUN_LEASE = timedelta(seconds=150)
"""Longer than the ordinary timeout (120 s); long work keeps it alive every `KEEP_ALIVE_SECONDS`."""
KEEP_ALIVE_SECONDS = 30
JOB_TIMEOUT_SECONDS = 3600
IDLE_WAIT_SECONDS = 0.5
"""How long a lane waits for a notification before it looks at what has come due."""
BEAT_SECONDS = 10
DEAD_BEAT = timedelta(seconds=60)
"""A lane without a beat for this long is restarted, unless all its workers are known to be busy."""
WORKERS = 2
"""Processes of a lane at most; while it has nothing to do there is one."""


def back_off(attempt: int) -> timedelta:
    """Wait before the next attempt: 10 s, 40 s, 90 s, … growing with the square, at most an hour."""
    return min(timedelta(seconds=10 * attempt * attempt), timedelta(hours=1))
