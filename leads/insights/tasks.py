"""Background work of this room."""

from __future__ import annotations

from leads.insights import embedding
from outreach.jobs.services import enqueue


def embed() -> str:
    """Make vectors of leads that changed, for a while; then make room for others and come back."""
    if not embedding.is_due():
        return "nothing due"
    count = embedding.embed_due()
    if embedding.is_due():
        enqueue("leads.insights.tasks.embed", lane="llm", priority=-5, key="insights.embed")
    return f"{count} leads"
