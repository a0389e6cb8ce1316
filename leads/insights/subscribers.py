"""What this room does when leads are reported new or changed. Every function may run twice."""

from __future__ import annotations

from leads.insights import embedding
from outreach.events.models import Event


def lead_changed(event: Event) -> None:
    """The vector of one lead may need an update."""
    lead_id = event.payload.get("lead_id")
    if isinstance(lead_id, int):
        embedding.note(lead_ids=[lead_id])


def leads_imported(event: Event) -> None:
    """The vectors of what an import brought."""
    embedding.note_batch(batch_id=int(event.payload["batch_id"]))
