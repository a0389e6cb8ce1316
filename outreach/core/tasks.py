"""Tasks of the floor's core."""

from __future__ import annotations

from outreach.core import chain
from outreach.core.rest import idempotency


def seal_audit() -> None:
    """Chain the audit entries of the last minute."""
    chain.seal()


def prune_answers() -> None:
    """Forget stored answers of the day before."""
    idempotency.prune()
