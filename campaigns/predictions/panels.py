"""What the page of a lead shows of predictions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from campaigns.models import CANDIDATE, Candidate
from campaigns.predictions import selectors
from leads.models import Lead
from leads.panels import Panel


def lead_predictions(request: HttpRequest, lead: Lead) -> Panel | None:
    """Chances in the campaigns that have not written yet, and whether the person has stopped answering."""
    found = of_lead(lead)
    if not found["outlooks"] and found["quiet"] is None:
        return None
    return Panel(_("Predictions"), "campaigns/predictions/_outlook.html", found)


def of_lead(lead: Lead) -> dict[str, Any]:
    """`outlooks` and `quiet` of a person."""
    open_ones = Candidate.objects.filter(lead=lead, stage__in=CANDIDATE.before_contact).select_related("campaign")
    return {"outlooks": selectors.outlooks(open_ones.order_by("-pk")), "quiet": selectors.quiet(lead)}


def outcomes_of(lead: Lead) -> dict[str, Any]:
    """The same as plain values, for the API's predictions."""
    found = of_lead(lead)
    return {
        "campaigns": [one.as_json() for one in found["outlooks"]],
        "silence": found["quiet"].as_json() if found["quiet"] else None,
    }
