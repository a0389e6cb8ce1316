"""What sources do when leads are merged and parted: records go with the lead that stays."""

from __future__ import annotations

from leads.models import Lead
from leads.sources.models import RawRecord
from outreach.events.models import Event


def leads_merged(event: Event) -> None:
    """The records of the merged lead now belong to the kept one: shown there and erased with it."""
    RawRecord.objects.filter(lead=event.payload["lost_id"]).update(lead=event.payload["kept_id"])


def leads_unmerged(event: Event) -> None:
    """Records return to the lead that their source refers to."""
    lost = Lead.objects.filter(pk=event.payload["lost_id"]).exclude(external_id="").first()
    if lost is not None:
        own = RawRecord.objects.filter(source=lost.source, external_id=lost.external_id)
        own.filter(lead=event.payload["kept_id"]).update(lead=lost)
