"""Insights on the pages of leads and companies: the fragment, and the button that starts research."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leads.insights import panels, services
from leads.models import Company, Lead
from leads.segments.models import Segment
from outreach.access.pages import viewer
from outreach.access.permissions import role_required, viewer_has
from outreach.access.roles import Role
from outreach.core.errors import OutreachError


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.VIEWER)
def lead_insight(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /insights/leads/<pk>/: the fragment; POST: research now."""
    lead = get_object_or_404(Lead.objects.alive().select_related("company"), pk=pk)
    if request.method == "POST":
        _start(request, lead=lead)
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("leads:detail", pk=pk)
    return render(request, panels.TEMPLATE, {"panel": panels.context(request, lead=lead)})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.VIEWER)
def company_insight(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /insights/companies/<pk>/: the fragment; POST: research now."""
    company = get_object_or_404(Company, pk=pk, merged_into=None)
    if request.method == "POST":
        _start(request, company=company)
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("companies:detail", pk=pk)
    return render(request, panels.TEMPLATE, {"panel": panels.context(request, company=company)})


@require_POST
@role_required(Role.OPERATOR)
def segment_research(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /insights/segments/<pk>/: research the newest leads of a segment."""
    segment = get_object_or_404(Segment, pk=pk)
    _start(request, segment=segment)
    return redirect("segments:detail", pk=pk)


def _start(
    request: HttpRequest, *, lead: Lead | None = None, company: Company | None = None, segment: Segment | None = None
) -> None:
    if not viewer_has(request, Role.OPERATOR):
        messages.error(request, _("Your role doesn't allow this."))
        return
    try:
        services.start_research(lead=lead, company=company, segment=segment, started_by=viewer(request))
    except OutreachError as error:
        messages.error(request, error.reason)
    else:
        if not request.htmx:  # type: ignore[attr-defined]
            messages.success(request, _("Research started."))
