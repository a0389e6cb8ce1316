"""What this room shows on the page of a lead."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from leads.insights import similarity
from leads.models import Lead
from leads.panels import Panel
from outreach.core.errors import Refused


def similar(request: HttpRequest, lead: Lead) -> Panel | None:
    """The leads most like this one."""
    if lead.erased_at:
        return None
    try:
        found = similarity.similar(lead=lead)
    except Refused:
        return None
    return Panel(_("Similar leads"), "leads/insights/_similar.html", {"similar": found})
