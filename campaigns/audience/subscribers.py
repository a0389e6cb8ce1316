"""What live sets do when a lead is reported changed: nothing at once. The feed holds the change; this wakes its reader."""

from __future__ import annotations

from campaigns.audience import live
from campaigns.audience.models import LiveSet
from outreach.events.models import Event


def on_lead_changed(event: Event) -> None:
    """Process the feed soon instead of at the next tick, if any campaign is live."""
    if LiveSet.objects.exists():
        live.wake()
