"""What sources show on the page of a lead."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from leads.models import Lead
from leads.panels import Panel


def records(request: HttpRequest, lead: Lead) -> Panel | None:
    """Where a lead was found: the page, its versions, what was read out of it."""
    rows = list(lead.raw_records.select_related("job").defer("body").order_by("-last_seen_at", "-pk")[:5])
    if not rows:
        return None
    images = [image.get("url", "") for image in rows[0].features.get("images", [])]
    return Panel(
        title=_("Where it was found"),
        template="leads/sources/_records.html",
        context={"records": rows, "images": images},
    )
