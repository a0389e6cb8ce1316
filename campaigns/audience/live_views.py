"""The page of a campaign's live set, and its card on the campaign's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from campaigns.audience import live, shortlist
from campaigns.audience.busy import busy_in_line
from campaigns.models import Campaign
from leads.models import Lead
from leads.segments.models import Segment
from leads.segments.selectors import segment_list
from outreach.access.models import User
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.core.paging import as_id

SHOWN = 50


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The live set's state and who would be taken next; as a card when a page asks for it."""
    campaign = get_object_or_404(Campaign.objects.select_related("segment_version__segment"), pk=pk)
    is_card = bool(getattr(request, "htmx", False)) and not getattr(request.htmx, "boosted", False)  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "campaign": campaign,
        "standing": live.standing(campaign),
        "busy": busy_in_line(campaign),
        "is_card": is_card,
        "backlog": live.backlog(),
        "can_operate": isinstance(request.user, User) and request.user.has_role(Role.OPERATOR),
    }
    if is_card:
        return render(request, "campaigns/audience/_live.html", context)
    best = shortlist.peek(campaign=campaign, limit=SHOWN)
    leads = Lead.objects.select_related("company").in_bulk([lead for lead, _rank in best])
    context |= {
        "best": [{"lead": leads[lead], "rank": rank} for lead, rank in best if lead in leads],
        "segments": segment_list(),
    }
    return render(request, "campaigns/audience/live.html", context)


@require_POST
@role_required(Role.OPERATOR)
def change_criteria(request: HttpRequest, pk: int) -> HttpResponse:
    """Match by the newest version of a segment; who is in flight stays or is matched too, as was chosen."""
    campaign = get_object_or_404(Campaign, pk=pk)
    segment = get_object_or_404(Segment, pk=as_id(request.POST.get("segment", "")))
    version = segment.current
    if version is None:
        messages.error(request, _("This segment has no version yet."))
        return redirect("campaigns:live", pk)
    try:
        live.change_criteria(
            campaign=campaign,
            segment_version=version,
            scope=request.POST.get("scope", ""),
            actor=Actor.of(request.user),
        )
    except OutreachError as error:
        messages.error(request, str(error.reason))
    else:
        messages.success(request, _("The live set now uses %(version)s.") % {"version": version})
    return redirect("campaigns:live", pk)
