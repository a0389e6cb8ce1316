"""What happens with an event of the log that notices are made of. Idempotent."""

from __future__ import annotations

from outreach.events.models import Event
from outreach.notifications import services


def on_event(event: Event) -> None:
    """Told by the log (`services.follow_events`)."""
    services.note_event(event)
