"""How long to wait before another try at the same model. Pure."""

from __future__ import annotations

from outreach.llm.errors import PASSING, ModelFault

MAX_RETRIES = 2


def wait_before_retry(
    fault: ModelFault,
    *,
    retries: int,
    remaining_seconds: float,
    base_seconds: float,
    jitter: float,
    most: int = MAX_RETRIES,
) -> float | None:
    """Seconds to wait, or None when another try is not worth it.

    `retries` of `most` were made so far; `remaining_seconds` are left of the time budget; `jitter` is uniform in 0..1. The wait
    is `base · 2^retries · (0.5 + jitter/2)`, or what the provider asked for when that is longer.
    """
    if fault.kind not in PASSING or retries >= most:
        return None
    wait = max(base_seconds * 2**retries * (0.5 + jitter / 2), fault.retry_after_seconds or 0.0)
    return wait if wait < remaining_seconds else None
