"""Background work of duplicates."""

from __future__ import annotations

from leads.duplicates import services


def look_at_batch(batch_id: int) -> str:
    """Look for duplicates of an import's records."""
    return f"{services.look_at_batch(batch_id=batch_id)} pairs"
