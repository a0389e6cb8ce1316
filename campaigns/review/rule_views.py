"""The page of approval rules: what they let through, tried on earlier drafts before one is saved."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.drafts import judging
from campaigns.drafts.models import ApprovalRule
from campaigns.review import rules
from campaigns.review.forms import RuleForm
from outreach.access.pages import INVALID_FORM, Request, action, add_problem
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.jobs.services import start_job


@role_required(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    """GET shows all rules; POST tries a new one on earlier drafts (`try`) or saves it."""
    form = RuleForm(request.POST or None)
    trial, is_wrong = None, False
    if request.method == "POST":
        try:
            if is_wrong := not form.is_valid():
                pass
            elif "try" in request.POST:
                trial = rules.try_rule(form.conditions(), campaign=form.cleaned_data["campaign"])
            else:
                rules.save_rule(**form.rule(), actor=Actor.of(request.user))
                messages.success(request, _("The rule is saved. It decides on new drafts from now on."))
                return redirect("drafts:rules")
        except Invalid as error:
            add_problem(form, error)
            is_wrong = True
    context = {"rules": ApprovalRule.objects.select_related("campaign").order_by("pk"), "form": form, "trial": trial}
    context |= {"judge": judging.current_judge(), "agreement": judging.calibration(), "has_judge": judging.has_judge()}
    return render(request, "campaigns/review/rules.html", context, status=INVALID_FORM if is_wrong else 200)


@action(Role.OPERATOR, back="drafts:rules", keep=())
def judge(request: Request) -> str:
    """POST /drafts/rules/judge/: compare the judge with what people decided before."""
    start_job(
        kind="campaign.judge_decided",
        task="campaigns.review.tasks.judge_decided",
        started_by=request.user,
        lane="llm",
    )
    return _("The judge reads up to 100 earlier drafts in the background.")


@action(Role.OPERATOR, back="drafts:rules", keep=())
def switch(request: Request, pk: int) -> str:
    """POST /drafts/rules/<id>/switch/: turn a rule off, or on again."""
    rule = rules.switch_rule(get_object_or_404(ApprovalRule, pk=pk), actor=Actor.of(request.user))
    return _("The rule is on.") if rule.is_active else _("The rule is off.")
