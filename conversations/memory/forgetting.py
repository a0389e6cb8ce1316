"""How a memory fades, when it is kept for good, and when it goes. Pure."""

from __future__ import annotations

from math import log

DAILY = 0.95
"""What a day leaves of a short-term memory."""
KEPT_ABOVE = 0.7
"""A memory more important than this is kept for good."""
LONG_STABILITY = 30
"""Long-term memory fades thirty times as slowly: to half in some fourteen months."""
FADED = 0.1
"""A short-term memory weaker than this goes."""


def strength(*, importance: float, days: float, mentions: int = 1, is_long_term: bool = False) -> float:
    """How present a memory is, from 0 to 1: `importance × 0.95^(days / S)`.

    The exponential forgetting curve of Ebbinghaus (1885), R = e^(-t/S), with a daily factor of 0.95 for a memory
    of stability 1. Repetition slows forgetting (the spacing effect): S is the number of mentions, times 30 for
    long-term memory. `days` since it was last mentioned; the future counts as today.
    """
    stability = max(mentions, 1) * (LONG_STABILITY if is_long_term else 1)
    return importance * float(DAILY ** (max(days, 0.0) / stability))


def days_until_faded(*, importance: float, mentions: int = 1) -> float:
    """When a short-term memory has faded: `strength` solved for the days at which it is `FADED`; 0 when it is weaker."""
    if importance <= FADED:
        return 0.0
    return max(mentions, 1) * log(FADED / importance) / log(DAILY)


def is_kept(*, importance: float, mentions: int = 1, has_succeeded: bool = False) -> bool:
    """Whether short-term memory becomes long-term (consolidation): it is important, was said twice, or led to a call."""
    return importance > KEPT_ABOVE or mentions > 1 or has_succeeded
