"""Pages of leads and companies."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads import panels, selectors, services
from leads.cleaning import variables
from leads.directory import erasing
from leads.directory.forms import CompanyForm, EraseForm, LeadForm
from leads.models import Company, Identity, Lead
from outreach.access.pages import Request, action, problems_in, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.audit import trail
from outreach.core.models import Actor


def _is_operator(request: HttpRequest) -> bool:
    return viewer(request).has_role(Role.OPERATOR)


@require_safe
@role_required(Role.VIEWER)
def lead_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /leads/<pk>/"""
    lead = get_object_or_404(Lead.objects.select_related("company", "batch").prefetch_related("identities"), pk=pk)
    if lead.merged_into_id:
        messages.info(request, _("#%(number)s was merged into this lead.") % {"number": pk})
        return redirect("leads:detail", pk=lead.merged_into_id)
    context = {
        "lead": lead,
        "panels": panels.collect(request, lead),
        "history": trail(lead)[:20],
        "attributes": [(name, _shown(value)) for name, value in sorted(lead.attributes.items())],
        "flags": _flags(lead),
        "can_edit": _is_operator(request) and lead.erased_at is None,
    }
    return render(request, "leads/directory/lead_detail.html", context)


_FLAGS = {
    "formula": gettext_lazy("is a spreadsheet formula"),
    "placeholder": gettext_lazy("is a placeholder"),
    "mixed_alphabet": gettext_lazy("mixes Latin and Cyrillic letters"),
    "broken": gettext_lazy("has unreadable characters"),
}


def _flags(lead: Lead) -> list[str]:
    """What in the record should not reach a message, as sentences."""
    texts = [
        ("full_name", pgettext("person", "Name"), lead.full_name),
        ("title", _("Title"), lead.title),
        ("company_name", _("Company"), lead.company.name if lead.company else ""),
    ]
    notes = [(label, text, variables.clean(name, text).note) for name, label, text in texts]
    return [f"{label} {_FLAGS[note]}: {text[:60]}" for label, text, note in notes if note in _FLAGS]


def _shown(value: Any) -> Any:
    """An attribute as people read it: lists with commas, yes and no."""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return int(value) if isinstance(value, float) and value.is_integer() else value


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def lead_create(request: HttpRequest) -> HttpResponse:
    """GET, POST /leads/new/"""
    form = LeadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        actor = Actor.of(request.user)
        with problems_in(form):
            fields = _lead_fields(values, actor)
            addresses = {name: values.get(name, "") for name in LeadForm.ADDRESSES}
            lead = services.create_lead(actor=actor, fields=fields, **addresses)
            messages.success(request, _("Lead added."))
            return redirect("leads:detail", pk=lead.pk)
    return _lead_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def lead_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET, POST /leads/<pk>/edit/"""
    lead = get_object_or_404(Lead.objects.select_related("company"), pk=pk)
    form = LeadForm(request.POST or None, lead=lead)
    if request.method == "POST" and form.is_valid():
        actor = Actor.of(request.user)
        with problems_in(form):
            fields = _lead_fields(form.cleaned_data, actor)
            services.update_lead(lead=lead, actor=actor, fields=fields, seen_at=form.cleaned_data["seen_at"])
            messages.success(request, _("Saved."))
            return redirect("leads:detail", pk=lead.pk)
    return _lead_page(request, form, lead)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def lead_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """GET, POST /leads/<pk>/erase/: what goes and what stays, then erase."""
    lead = get_object_or_404(Lead.objects.prefetch_related("identities"), pk=pk)
    if lead.erased_at or lead.merged_into_id:
        return redirect("leads:detail", pk=pk)
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        erasing.erase(lead=lead, actor=Actor.of(request.user), reason=form.cleaned_data["reason"])
        messages.success(request, _("Erased."))
        return redirect("leads:detail", pk=pk)
    context = {"lead": lead, "form": form, "holdings": erasing.holdings(lead)}
    return render(request, "leads/directory/lead_erase.html", context, status=422 if form.errors else 200)


def _lead_fields(values: dict[str, Any], actor: Actor) -> dict[str, Any]:
    fields = {n: v for n, v in values.items() if n not in {*LeadForm.ADDRESSES, "seen_at", "company"}}
    company = services.find_or_create_company(name=values["company"], country=values["country"], actor=actor)
    return fields | {"company": company}


def _lead_page(request: HttpRequest, form: LeadForm, lead: Lead | None = None) -> HttpResponse:
    return _form_page(request, form, lead, room="leads", list_name=_("People"), new=_("Add a person"))


def _company_page(request: HttpRequest, form: CompanyForm, company: Company | None = None) -> HttpResponse:
    return _form_page(request, form, company, room="companies", list_name=_("Companies"), new=_("Add a company"))


def _form_page(
    request: HttpRequest,
    form: LeadForm | CompanyForm,
    row: Lead | Company | None,
    *,
    room: str,
    list_name: str,
    new: str,
) -> HttpResponse:
    list_url = reverse(f"{room}:list")
    context = {
        "form": form,
        "title": row or new,
        "list_name": list_name,
        "list_url": list_url,
        "back_url": reverse(f"{room}:detail", args=[row.pk]) if row else list_url,
    }
    return render(request, "core/forms/page.html", context, status=422 if form.errors else 200)


@action(Role.OPERATOR, back="leads:detail")
def lead_identities(request: Request, pk: int) -> str:
    """POST /leads/<pk>/identities/: add an address."""
    lead = get_object_or_404(Lead, pk=pk)
    channel, address = request.POST.get("channel", ""), request.POST.get("address", "")
    services.add_identity(lead=lead, channel=channel, address=address, actor=Actor.of(request.user))
    return _("Address added.")


@require_POST
@role_required(Role.OPERATOR)
def identity_primary(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /identities/<pk>/primary/: write to this address first."""
    identity = get_object_or_404(Identity.objects.select_related("lead"), pk=pk)
    services.update_identity(identity=identity, actor=Actor.of(request.user), is_primary=True)
    return redirect("leads:detail", pk=identity.lead_id)


# companies


@require_safe
@role_required(Role.VIEWER)
def company_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /companies/<pk>/"""
    company = get_object_or_404(Company, pk=pk)
    if company.merged_into_id:
        messages.info(request, _("#%(number)s was merged into this company.") % {"number": pk})
        return redirect("companies:detail", pk=company.merged_into_id)
    context = {
        "company": company,
        "people": selectors.lead_list(company=company.pk, limit=50),
        "attributes": sorted(company.attributes.items()),
        "panels": panels.collect_for_company(request, company),
        "history": trail(company)[:20],
        "can_edit": _is_operator(request),
    }
    return render(request, "leads/directory/company_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def company_create(request: HttpRequest) -> HttpResponse:
    """GET, POST /companies/new/"""
    form = CompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = {n: v for n, v in form.cleaned_data.items() if n != "seen_at"}
        with problems_in(form):
            company = services.create_company(actor=Actor.of(request.user), fields=fields)
            messages.success(request, _("Company added."))
            return redirect("companies:detail", pk=company.pk)
    return _company_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def company_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET, POST /companies/<pk>/edit/"""
    company = get_object_or_404(Company, pk=pk)
    form = CompanyForm(request.POST or None, initial=CompanyForm.initial_of(company))
    if request.method == "POST" and form.is_valid():
        fields = {n: v for n, v in form.cleaned_data.items() if n != "seen_at"}
        with problems_in(form):
            services.update_company(
                company=company, actor=Actor.of(request.user), fields=fields, seen_at=form.cleaned_data["seen_at"]
            )
            messages.success(request, _("Saved."))
            return redirect("companies:detail", pk=company.pk)
    return _company_page(request, form, company)
