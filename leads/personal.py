"""What is known of a person and hidden where personal data is masked."""

from __future__ import annotations

from leads.models import Identity, Lead


def values_of(lead_id: int) -> dict[str, list[str]]:
    """Names, company and addresses of one lead, by what they are; empty for one that is gone."""
    lead = Lead.objects.filter(pk=lead_id).select_related("company").first()
    if lead is None:
        return {}
    return {
        "name": [lead.full_name, f"{lead.first_name} {lead.last_name}", lead.first_name, lead.last_name],
        "company": [lead.company.name] if lead.company else [],
        "address": list(Identity.objects.filter(lead=lead_id).values_list("address", flat=True)),
    }
