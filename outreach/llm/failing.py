"""What the home page says about models that do not answer."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest

from outreach.access.permissions import viewer_has
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.home import Panel
from outreach.core.words import gettext as _
from outreach.llm.models import Interaction
from outreach.llm.routing import BUILTIN

RECENT = timedelta(hours=24)
MOST_READ = 200


def models_failing(request: HttpRequest) -> Panel | None:
    """What rules answered in the last day because no model did, with the reasons; nothing when all is well."""
    if not viewer_has(request, Role.REVIEWER):
        return None
    rows = Interaction.objects.filter(
        provider=BUILTIN, created_at__gt=clock.now() - RECENT, parameters__has_key="because"
    ).order_by("-created_at")
    reasons = list(rows.values_list("parameters__because", flat=True)[:MOST_READ])
    if not reasons:
        return None
    context = {"count": len(reasons), "is_more": len(reasons) == MOST_READ, "reasons": list(dict.fromkeys(reasons))[:3]}
    return Panel(_("Model not answering"), "llm/_home_failing.html", context, 5)
