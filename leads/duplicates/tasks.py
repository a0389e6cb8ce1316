"""Background work of duplicates."""

from __future__ import annotations

from leads.duplicates import services
from outreach.core.words import ngettext


def look_at_batch(batch_id: int) -> str:
    """Look for duplicates of an import's records."""
    count = services.look_at_batch(batch_id=batch_id)
    return ngettext("%(count)s pair", "%(count)s pairs", count) % {"count": count}
