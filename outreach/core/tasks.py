"""Tasks of the floor's core."""

from __future__ import annotations

from outreach.core.rest import idempotency


def prune_answers() -> None:
    """Forget stored answers of the day before."""
    idempotency.prune()
