"""The page of a campaign's weights: what they are, how they became so, whom they choose next."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from campaigns.learning import selectors, services, training
from campaigns.learning.models import WeightNight
from campaigns.models import Campaign
from campaigns.scoring import services as scoring
from campaigns.scoring.models import ScoreWeights
from outreach.access.pages import Request, action, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import OutreachError
from outreach.core.models import Actor


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Weights, their history, and the next shortlist."""
    campaign = get_object_or_404(Campaign, pk=pk)
    history = selectors.nights(campaign)
    return render(
        request,
        "campaigns/learning/weights.html",
        {
            "campaign": campaign,
            "score": ScoreWeights.objects.filter(campaign=campaign).first(),
            "weights": selectors.weights(campaign, history),
            "history": history,
            "summary": selectors.summary(history),
            "plot": selectors.plot(history),
            "best": selectors.next_in_line(campaign, history),
        },
    )


@require_POST
@role_required(Role.OPERATOR)
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze the weights, or let them learn again."""
    campaign = get_object_or_404(Campaign, pk=pk)
    is_frozen = request.POST.get("frozen") == "1"
    scoring.freeze(campaign=campaign, is_frozen=is_frozen, actor=Actor.of(request.user))
    messages.success(request, _("The weights are frozen.") if is_frozen else _("The weights learn again from tonight."))
    return redirect("campaigns:weights", pk)


@action(Role.OPERATOR, back="campaigns:weights")
def learn_now(request: Request, pk: int) -> str:
    """Tonight's step now."""
    services.learn(campaign=get_object_or_404(Campaign, pk=pk))
    return _("Learned from the latest outcomes.")


@require_POST
@role_required(Role.OPERATOR)
def roll_back(request: HttpRequest, pk: int, night_id: int) -> HttpResponse:
    """The weights as they were before one night."""
    night = get_object_or_404(WeightNight.objects.select_related("campaign"), pk=night_id, campaign=pk)
    services.roll_back(night=night, user=viewer(request))
    messages.success(request, _("The weights are as they were before that night, and frozen."))
    return redirect("campaigns:weights", pk)


@require_GET
@role_required(Role.OPERATOR)
def training_set(request: HttpRequest, pk: int) -> HttpResponse:
    """The campaign's training set as a download: CSV, or Parquet with `?format=parquet`. Counts as an export of the day."""
    campaign = get_object_or_404(Campaign, pk=pk)
    try:
        return training.download(
            campaign=campaign, format=request.GET.get("format", "csv"), actor=Actor.of(request.user)
        )
    except OutreachError as error:
        messages.error(request, error.reason)
        return redirect("campaigns:weights", pk)
