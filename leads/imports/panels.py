"""What the home page shows of leads."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from leads.imports.models import Batch
from outreach.core.home import Panel


def recent_imports(request: HttpRequest) -> Panel | None:
    """The latest imports."""
    batches = list(Batch.objects.select_related("job").order_by("-pk")[:5])
    if not batches:
        return None
    return Panel(
        title=_("Recent imports"),
        template="leads/imports/_recent.html",
        context={"batches": batches},
        order=80,
        area="side",
        url=reverse("imports:list"),
    )
