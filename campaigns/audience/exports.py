"""The candidates of a campaign as an export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from campaigns.models import Campaign, Candidate
from leads.models import Lead
from outreach.core.errors import Invalid


def candidates(parameters: Mapping[str, Any]) -> QuerySet[Lead]:
    """Leads that are candidates of the campaign `campaign`, of one `stage` where it is given. Raises `Invalid`."""
    number = parameters.get("campaign") or 0
    if not Campaign.objects.filter(pk=number).exists():
        raise Invalid("campaign", "There is no such campaign.", code="campaign_unknown")
    rows = Candidate.objects.filter(campaign=number)
    if stage := parameters.get("stage"):
        rows = rows.filter(stage=stage)
    return Lead.objects.alive().filter(pk__in=rows.values("lead_id"))
