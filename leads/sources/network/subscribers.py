"""What the network source learns from events: leads with a profile, verdicts, erasure."""

from __future__ import annotations

from leads.models import Channel, Lead
from leads.qualification.models import Verdict
from leads.sources.network import profiles
from leads.sources.network.models import NetworkProfile
from outreach.events.models import Event


def lead_noticed(event: Event) -> None:
    """`lead.created`, `lead.changed`: a lead from this source has a profile row; an erased one has nothing personal."""
    lead_id = event.payload.get("lead_id")
    lead = Lead.objects.filter(pk=lead_id).first() if lead_id else None
    if lead is None:
        return
    if lead.erased_at:
        profiles.forget(lead)
    elif lead.source == profiles.SOURCE:
        profile = NetworkProfile.objects.filter(lead=lead).first() or _follow(lead)
        if profile is not None and profile.state == "discovered":
            profiles.note_record(profile)


def _follow(lead: Lead) -> NetworkProfile | None:
    address = lead.identities.filter(channel=Channel.NETWORK).order_by("-is_primary", "pk").first()
    return profiles.follow(lead=lead, address=address.address) if address is not None else None


def verdict_given(event: Event) -> None:
    """`lead.qualified`: the profile of the lead moves along with the verdict."""
    profile = NetworkProfile.objects.filter(lead_id=event.payload.get("lead_id") or 0).first()
    verdict = Verdict.objects.filter(pk=event.payload.get("verdict_id") or 0).select_related("brief").first()
    if profile is None or verdict is None or verdict.is_qualified is None:
        return
    to = "qualified" if verdict.is_qualified else "disqualified"
    profiles.advance(profile, to, reason=f"{verdict.brief}: {verdict.get_source_display()}")
