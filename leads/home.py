"""What leads show on the home page: the latest imports."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from leads.imports.models import Batch
from outreach.core.home import Panel
from outreach.core.surfaces import address

RECENT_IMPORTS = 3


def recent_imports(request: HttpRequest) -> Panel | None:
    """The latest lists that came in and what became of their rows."""
    batches = list(Batch.objects.order_by("-pk")[:RECENT_IMPORTS])
    if not batches:
        return None
    rows = [{"batch": batch, "url": address("imports:detail", batch.pk)} for batch in batches]
    return Panel(_("Imports"), "leads/_home_imports.html", {"rows": rows}, 30, "side", address("imports:list"))
