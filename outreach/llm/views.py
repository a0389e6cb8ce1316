"""The page of one trace: how a message was written."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from outreach.access.permissions import role_required
from outreach.llm import selectors
from outreach.llm.models import Trace


@require_GET
@role_required("reviewer")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET /traces/<id>/"""
    trace = get_object_or_404(Trace, pk=pk)
    nodes = selectors.tree(trace)
    return render(request, "llm/trace.html", {"trace": trace, "nodes": nodes, "totals": selectors.totals(nodes)})
