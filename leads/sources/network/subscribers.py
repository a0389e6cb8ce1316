"""What the network source learns from events: leads with a profile, verdicts, erasure."""

from __future__ import annotations

from leads.duplicates.models import Merge
from leads.models import Channel, Lead
from leads.qualification.models import Verdict
from leads.sources.network import profiles
from leads.sources.network.models import NetworkProfile
from outreach.events.models import Event


def lead_noticed(event: Event) -> None:
    """`lead.created`, `lead.changed`: a lead from this source has a profile row; an erased one has nothing personal."""
    lead_id = event.payload.get("lead_id")
    lead = Lead.objects.filter(pk=lead_id).first() if lead_id else None
    if lead is None or lead.merged_into_id:
        return
    if lead.erased_at:
        profiles.forget(lead)
    elif lead.source == profiles.SOURCE:
        profile = NetworkProfile.objects.filter(lead=lead).first() or _follow(lead)
        if profile is not None and profile.is_discovered:
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


ROOM = "network"


def lead_merged(event: Event) -> None:
    """`lead.merged`: the profile moves to the kept lead, unless that has one."""
    merge = Merge.objects.select_for_update().filter(pk=event.payload["merge_id"]).first()
    if merge is None or merge.undone_at or ROOM in merge.effects:
        return
    profile = NetworkProfile.objects.filter(lead=merge.lost_id).first()
    if profile is None or NetworkProfile.objects.filter(lead=merge.kept_id).exists():
        return
    NetworkProfile.objects.filter(pk=profile.pk).update(lead=merge.kept_id)
    merge.effects = {**merge.effects, ROOM: {"profile": profile.pk}}
    merge.save(update_fields=["effects", "updated_at"])


def lead_unmerged(event: Event) -> None:
    """`lead.unmerged`: what moved with the merge returns."""
    merge = Merge.objects.filter(pk=event.payload["merge_id"]).first()
    if merge is not None and (moved := merge.effects.get(ROOM, {}).get("profile")):
        NetworkProfile.objects.filter(pk=moved, lead=merge.kept_id).update(lead=merge.lost_id)
