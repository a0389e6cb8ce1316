"""Looks for duplicates after changes. Every function may run twice."""

from __future__ import annotations

from leads.duplicates import services
from leads.duplicates.models import Kind
from outreach.events.models import Event
from outreach.jobs.services import enqueue


def on_lead_changed(event: Event) -> None:
    """One lead was created or changed manually or by a source; imports are processed as a whole."""
    lead_id = event.payload.get("lead_id")
    if isinstance(lead_id, int):
        services.look_at(kind=Kind.LEAD, ids=[lead_id])


def on_leads_imported(event: Event) -> None:
    """A finished import starts a separate task, because it may be large."""
    batch_id = int(event.payload["batch_id"])
    enqueue("leads.duplicates.tasks.look_at_batch", batch_id, key=f"duplicates.batch:{batch_id}", timeout_seconds=1800)
