"""What qualification shows on the page of a lead."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from leads.models import Lead
from leads.panels import Panel
from leads.qualification import selectors

TEMPLATE = "leads/qualification/_verdicts.html"


def verdicts(request: HttpRequest, lead: Lead) -> Panel | None:
    """The effective verdicts, with buttons to re-qualify and to override."""
    return Panel(title=_("Qualification"), template=TEMPLATE, context=context(lead))


def context(lead: Lead) -> dict[str, Any]:
    """What the fragment is drawn from."""
    return {"lead": lead, "verdicts": selectors.verdicts_of(lead), "briefs": selectors.brief_list()[:100]}
