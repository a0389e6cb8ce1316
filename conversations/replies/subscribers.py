"""What replies learn from events of the wing below."""

from __future__ import annotations

from conversations.replies import listing
from outreach.events.models import Event


def on_lead_changed(event: Event) -> None:
    """`lead.changed`: the inbox finds the person by the new name, company and address."""
    listing.refresh_lead(int(event.payload["lead_id"]))
