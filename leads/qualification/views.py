"""Pages of briefs: list, editor with live trial on leads, and a person's verdict."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leads.models import Lead
from leads.qualification import expectations, panels, proposing, selectors, services
from leads.qualification.forms import BriefForm
from leads.qualification.models import Brief
from outreach.access.pages import INVALID_FORM, Request, action, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.core.paging import as_id


@require_GET
@role_required(Role.VIEWER)
def brief_list(request: HttpRequest) -> HttpResponse:
    return render(request, "leads/qualification/list.html", {"briefs": selectors.brief_list()[:200]})


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def brief_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    brief = get_object_or_404(Brief, pk=pk) if pk else None
    form = BriefForm(request.POST if request.method == "POST" else None, brief=brief)
    context: dict[str, Any] = {"brief": brief, "form": form}
    status = HTTPStatus.OK
    if request.method == "POST" and request.POST.get("do") == "propose":
        return _proposed(request, form, brief)
    if request.method == "POST" and request.POST.get("do") != "try" and form.is_valid():
        try:
            saved = services.save_brief(
                name=form.cleaned_data["name"],
                description=form.cleaned_data["description"],
                factors=form.factors(brief.factors if brief else None),
                use_model=form.cleaned_data["use_model"],
                created_by=viewer(request),
                brief=brief,
                learner=services.LearnerTerms(
                    form.cleaned_data["decides_alone"],
                    (form.cleaned_data["promised_error"] or 5) / 100,
                    brief.checked_share if brief else services.LearnerTerms.checked_share,
                ),
            )
        except Invalid as error:
            form.place_error(error.field, error.reason)
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": saved.name})
            return redirect("briefs:edit", pk=saved.pk)
    if form.is_bound and form.errors:
        status = INVALID_FORM
    context |= _trials(form, brief, request.POST.get("sample", ""))
    return render(request, "leads/qualification/edit.html", context, status=status)


def _proposed(request: HttpRequest, form: BriefForm, brief: Brief | None) -> HttpResponse:
    """The form with the settings that the description amounts to; nothing is stored."""
    words = str(form["description"].value() or "").strip()[: services.MAX_DESCRIPTION]
    if not words:
        form.add_error("description", _("Describe who you are looking for first."))
        context = {"brief": brief, "form": form} | _trials(form, brief, "")
        return render(request, "leads/qualification/edit.html", context, status=INVALID_FORM)
    factors, by_model = proposing.propose(words)
    filled = BriefForm.filled(form, factors)
    context = {"brief": brief, "form": filled, "proposal": filled.summary(), "by_model": by_model}
    return render(
        request, "leads/qualification/edit.html", context | _trials(filled, brief, request.POST.get("sample", ""))
    )


@require_POST
@role_required(Role.OPERATOR)
def brief_restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An earlier version becomes the newest."""
    brief = get_object_or_404(Brief, pk=pk)
    services.restore_version(brief=brief, number=number, user=viewer(request))
    messages.success(request, _("Version %(number)s is in force again.") % {"number": number})
    return redirect("briefs:edit", pk=pk)


@require_POST
@role_required(Role.OPERATOR)
def brief_try(request: HttpRequest) -> HttpResponse:
    """The form's settings tried on some leads by rules; nothing is stored and no model is asked."""
    form = BriefForm(request.POST)
    return render(request, "leads/qualification/_trials.html", _trials(form, None, request.POST.get("sample", "")))


def _trials(form: BriefForm, brief: Brief | None, sample: str) -> dict[str, Any]:
    try:
        wanted = expectations.parse(form.factors(brief.factors if brief else None))
    except Invalid as error:
        return {"problem": f"{error.field}: {error.reason}", "sample": sample}
    trials = []
    for lead in selectors.samples(sample):
        result = services.assess(lead=lead, wanted=wanted)
        trials.append({"lead": lead, "result": result, "reasons": result.reasons()})
    answers = Counter(services.assess(lead=lead, wanted=wanted).is_qualified for lead in selectors.newest())
    counts = {"yes": answers[True], "no": answers[False], "unknown": answers[None], "all": answers.total()}
    return {"trials": trials, "sample": sample, "counts": counts, "mark": round(100 * wanted.threshold)}


@action(Role.OPERATOR, back="briefs:edit")
def brief_delete(request: Request, pk: int) -> HttpResponse:
    brief = get_object_or_404(Brief, pk=pk)
    services.delete_brief(brief=brief, user=request.user)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": brief.name})
    return redirect("briefs:list")


@require_GET
@role_required(Role.VIEWER)
def lead_verdicts(request: HttpRequest, lead_id: int) -> HttpResponse:
    """The verdicts about one lead, for its page; loaded by HTMX."""
    lead = get_object_or_404(Lead, pk=lead_id)
    return render(request, panels.TEMPLATE, {"panel": panels.context(lead)})


@require_POST
@role_required(Role.OPERATOR)
def lead_qualify(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Judge one lead by the brief chosen."""
    lead = get_object_or_404(Lead.objects.select_related("company"), pk=lead_id)
    brief = get_object_or_404(Brief, pk=as_id(request.POST.get("brief", "")))
    services.qualify(leads=[lead], brief=brief)
    return _back(request, lead)


@require_POST
@role_required(Role.REVIEWER)
def lead_decide(request: HttpRequest, lead_id: int, brief_id: int) -> HttpResponse:
    """A person's yes or no."""
    lead = get_object_or_404(Lead.objects.select_related("company"), pk=lead_id)
    answer = request.POST.get("answer")
    if answer not in {"yes", "no"}:
        raise Invalid("answer", _("Choose yes or no."))
    services.decide(
        lead=lead,
        brief=get_object_or_404(Brief, pk=brief_id),
        is_qualified=answer == "yes",
        user=viewer(request),
        reason=request.POST.get("reason", ""),
    )
    return _back(request, lead)


def _back(request: HttpRequest, lead: Lead) -> HttpResponse:
    if getattr(request, "htmx", False):
        return render(request, panels.TEMPLATE, {"panel": panels.context(lead)})
    return redirect("leads:detail", pk=lead.pk)
