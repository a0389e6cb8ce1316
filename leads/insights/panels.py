"""What this room shows on the pages of leads and companies."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from leads.insights import selectors, similarity
from leads.insights.models import Document
from leads.models import Company, Lead
from leads.panels import Panel
from outreach.access.permissions import viewer_has
from outreach.access.roles import Role
from outreach.core.errors import Refused

TEMPLATE = "leads/insights/_insight.html"


def insight(request: HttpRequest, lead: Lead) -> Panel | None:
    """What is known of the person and the company, each line with its sources."""
    if lead.erased_at:
        return None
    return Panel(_("Insights"), TEMPLATE, context(request, lead=lead))


def company_insight(request: HttpRequest, company: Company) -> Panel | None:
    """What is known of the company, each line with its sources."""
    return Panel(_("Insights"), TEMPLATE, context(request, company=company))


def context(request: HttpRequest, *, lead: Lead | None = None, company: Company | None = None) -> dict[str, Any]:
    """What the fragment is drawn from."""
    subject = lead or company
    assert subject is not None
    return {
        "shown": selectors.shown(lead=lead, company=company),
        "job": selectors.open_job(subject),
        "documents": list(Document.objects.filter(lead=lead).order_by("pk")) if lead is not None else [],
        "signal": lead.attributes.get("media_score") if lead is not None else None,
        "reasons": lead.attributes.get("media_reasons", []) if lead is not None else [],
        "url": reverse("insights:lead" if lead is not None else "insights:company", args=[subject.pk]),
        "can_research": viewer_has(request, Role.OPERATOR),
    }


def similar(request: HttpRequest, lead: Lead) -> Panel | None:
    """The leads most like this one."""
    if lead.erased_at:
        return None
    try:
        found = similarity.similar(lead=lead)
    except Refused:
        return None
    return Panel(_("Similar leads"), "leads/insights/_similar.html", {"similar": found})
