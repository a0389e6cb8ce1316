"""What the sandbox learns from events."""

from __future__ import annotations

from django.db.models import Q

from campaigns.demo.sandbox.models import SandboxEvent
from outreach.events.models import Event


def on_lead_erased(event: Event) -> None:
    """`lead.erased`: what simulated recipients say about the person's messages goes too."""
    lead_id = event.payload["lead_id"]
    about = Q(message__lead=lead_id) | Q(message__conversation__lead=lead_id)
    SandboxEvent.objects.filter(about).update(payload={}, error="")
