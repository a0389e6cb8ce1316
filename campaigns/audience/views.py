"""Pages of a campaign's candidates: the list with reasons and decisions, and the whole story of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from campaigns import outcomes
from campaigns.audience import selectors, services
from campaigns.audience.forms import ChoiceForm, OutcomeForm
from campaigns.journey.leaving import exclude
from campaigns.models import CANDIDATE, DECISIONS, Campaign, Candidate, Outcome
from leads.sources.network.models import NetworkProfile
from outreach.access.models import User
from outreach.access.pages import Request, action
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import audit
from outreach.core.errors import Invalid, OutreachError
from outreach.core.models import Actor

PAGE = 50
COUNT_CAP, FOUND_CAP = 10_001, 501
"""Counting stops here: beyond it the page says “more than 10,000”, for a search “more than 500”."""


@require_GET
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The candidates of a campaign, filtered; the next page comes by itself or by its link."""
    campaign = get_object_or_404(Campaign.objects.select_related("brief", "stream"), pk=pk)
    get = request.GET.get
    filters: dict[str, Any] = {
        "stage": get("stage", "") if get("stage", "") in CANDIDATE.states else "",
        "reached": get("reached", ""),
        "search": get("search", ""),
        "outcome": get("outcome", ""),
        "problem": get("problem") == "1",
    }
    after = int(get("after", "0")) if get("after", "").isdecimal() else 0
    cap = FOUND_CAP if filters["search"] else COUNT_CAP
    found = selectors.filtered(campaign, **filters)
    rows = selectors.page_of(found, after=after, limit=PAGE + 1)
    page = rows[:PAGE]
    context = {
        "campaign": campaign,
        "tab": "people",
        "candidates": page,
        "filters": filters,
        "stages": [(name, s.label) for name, s in CANDIDATE.states.items()],
        "outcome_kinds": Outcome.Kind.choices,
        "next_after": page[-1].pk if len(rows) > PAGE else None,
        "total": found.values("pk").order_by()[:cap].count(),
        "cap": cap - 1,
    }
    is_fragment = getattr(request, "htmx", False) and not getattr(request.htmx, "boosted", False)  # type: ignore[attr-defined]
    return render(request, f"campaigns/audience/{'_results' if is_fragment else 'list'}.html", context)


@require_GET
def detail(request: HttpRequest, pk: int, candidate_id: int) -> HttpResponse:
    """The whole story of one candidate: verdict, drafts, approval, messages, replies, outcome."""
    candidate = _candidate(pk, candidate_id)
    return render(
        request,
        "campaigns/audience/detail.html",
        {
            "candidate": candidate,
            "campaign": candidate.campaign,
            "drafts": selectors.drafts_of(candidate),
            "replies": selectors.replies_of(candidate),
            "outcomes": candidate.outcomes.order_by("occurred_at", "pk"),
            "conversation": services.conversation_of(candidate),
            "trail": audit.trail(candidate)[:30],
            "verdicts": candidate.lead.verdicts.filter(brief=candidate.campaign.brief)[:5]
            if candidate.campaign.brief_id
            else [],
            "outcome_form": OutcomeForm(),
            "network": NetworkProfile.objects.filter(lead=candidate.lead_id).first(),
        },
    )


@role_required(Role.REVIEWER)
@require_POST
def decide(request: HttpRequest, pk: int, candidate_id: int) -> HttpResponse:
    """A person's decision on one candidate; returns its row, or redirects to the previous page."""
    candidate = _candidate(pk, candidate_id)
    form = ChoiceForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    error = ""
    try:
        _apply(request, candidate, reason)
    except OutreachError as problem:
        error = problem.reason
        candidate.refresh_from_db()
    if getattr(request, "htmx", False):
        return render(
            request,
            "campaigns/audience/_row.html",
            {"candidate": candidate, "campaign": candidate.campaign, "error": error},
        )
    if error:
        messages.error(request, error)
    if request.POST.get("next") == "list":
        return redirect(reverse("campaigns:candidates", args=[pk]) + f"#candidate-{candidate.pk}")
    return redirect("campaigns:candidate", pk, candidate_id)


def _apply(request: HttpRequest, candidate: Candidate, reason: str) -> None:
    assert isinstance(request.user, User)
    decision = request.POST.get("decision", "")
    if decision in ("qualify", "disqualify"):
        services.decide(candidate=candidate, is_qualified=decision == "qualify", user=request.user, reason=reason)
    elif decision == "exclude":
        exclude(candidate=candidate, actor=Actor.of(request.user), reason=reason)
    elif decision == "include":
        services.include(candidate=candidate, actor=Actor.of(request.user), reason=reason)
    else:
        raise Invalid("decision", _("Choose one of: %(choices)s.") % {"choices": ", ".join(DECISIONS)})


@action(Role.REVIEWER, back="campaigns:candidate", keep=("pk", "candidate_id"))
def record_outcome(request: Request, pk: int, candidate_id: int) -> str:
    """A fact that only a person knows: booked, held, won, lost."""
    candidate, form = _candidate(pk, candidate_id), OutcomeForm(request.POST)
    if not form.is_valid():
        raise Invalid("value", _("The outcome is not valid. Check the amount."))
    outcomes.record_by_hand(candidate=candidate, user=request.user, **form.cleaned_data)
    return _("Recorded.")


def _candidate(pk: int, candidate_id: int) -> Candidate:
    return get_object_or_404(
        Candidate.objects.select_related(
            "campaign__stream", "campaign__brief", "campaign__segment_version__segment", "lead__company", "verdict"
        ).prefetch_related("lead__identities", "outcomes"),
        pk=candidate_id,
        campaign=pk,
    )
