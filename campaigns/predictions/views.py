"""Pages of predictions: what is known, and what one campaign makes of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from campaigns.models import Campaign
from campaigns.predictions import cards, selectors, services
from outreach.access.pages import Request, action
from outreach.access.roles import Role
from outreach.core.models import Actor


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What the newest night learned, how well it predicts, and what following it has brought."""
    knowledge = services.in_force()
    return render(
        request,
        "campaigns/predictions/index.html",
        {
            "knowledge": knowledge,
            "models": selectors.models_of(knowledge) if knowledge else [],
            "effects": selectors.effects(knowledge) if knowledge else [],
            "lacking": selectors.lacking(),
            "time": selectors.whole_time(),
            "nights": selectors.nights(),
        },
    )


@require_GET
def card(request: HttpRequest) -> HttpResponse:
    """The newest night's model card, as Markdown."""
    knowledge = services.in_force()
    answer = HttpResponse(cards.card(knowledge), content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="predictions.md"'
    return answer


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign: its forecast, the best time for its segment, and what it follows."""
    campaign = get_object_or_404(Campaign.objects.select_related("segment_version__segment", "stream"), pk=pk)
    knowledge = services.in_force()
    time = selectors.best_time(campaign)
    return render(
        request,
        "campaigns/predictions/campaign.html",
        {
            "campaign": campaign,
            "knowledge": knowledge,
            "expected": selectors.expected(campaign),
            "time": time,
            "use": selectors.use_of(campaign),
            "can_order": knowledge is not None and bool(knowledge.ordering),
            "can_time": time is not None and time.hour is not None,
            "lacking": selectors.lacking(),
        },
    )


@action(Role.OPERATOR, back="campaigns:predictions")
def follow(request: Request, pk: int) -> str:
    """Choose what the campaign follows."""
    services.follow(
        campaign=get_object_or_404(Campaign.objects.select_related("segment_version"), pk=pk),
        orders=request.POST.get("orders") == "on",
        times=request.POST.get("times") == "on",
        actor=Actor.of(request.user),
    )
    return _("Saved. It applies to messages planned from now on.")
