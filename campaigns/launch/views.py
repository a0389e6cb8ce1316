"""The preflight page of a campaign: everything that speaks against a launch, with its evidence."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.launch import checks as preflight
from campaigns.launch import recipients as services
from campaigns.models import Campaign
from campaigns.overview import selectors
from conversations.deliverability.verification import services as verification
from conversations.senders import domains
from conversations.senders.models import Sender
from outreach.access.models import Role, User
from outreach.access.permissions import role_required
from outreach.core.errors import OutreachError


@require_safe
@role_required(Role.VIEWER)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: problems, the recipients by what is known of their addresses, the domains of the senders."""
    campaign = get_object_or_404(Campaign.objects.select_related("stream"), pk=pk)
    problems = preflight.check(campaign)
    context: dict[str, Any] = {
        "campaign": campaign,
        "problems": problems,
        "is_clear": not any(problem.is_blocking for problem in problems),
        "survey": services.last_survey(campaign),
        "verifier": services.verifier_label(campaign),
        "questions_left": verification.budget_left(),
        "writes_mail": services.writes_mail(campaign),
        "senders": _senders(campaign),
        "jobs": [job for job in selectors.jobs_of(campaign) if job.kind == "campaign.check_recipients"][:1],
        "can_operate": cast("User", request.user).has_role(Role.OPERATOR),
    }
    return render(request, "campaigns/launch/checks.html", context)


def _senders(campaign: Campaign) -> list[dict[str, Any]]:
    rows = {step.sender.pk: step.sender for step in campaign.steps.select_related("sender") if step.sender}
    return [
        {"sender": sender, "domain": domains.domain_of(sender), "domain_checks": domains.checks_of(sender)}
        for sender in rows.values()
        if _is_looked_at(sender)
    ]


def _is_looked_at(sender: Sender) -> bool:
    return not sender.is_simulated and domains.has_domain(sender)


@require_POST
@role_required(Role.OPERATOR)
def check_recipients(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: check the recipients' addresses as a job; with `verifies` their mailboxes too."""
    campaign = get_object_or_404(Campaign, pk=pk)
    try:
        services.start_check(
            campaign=campaign, started_by=cast("User", request.user), verifies=bool(request.POST.get("verifies"))
        )
        messages.success(request, _("The addresses are being checked."))
    except OutreachError as error:
        messages.error(request, error.reason)
    return redirect("campaigns:preflight", pk)
