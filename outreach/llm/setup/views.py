"""Settings → Models: providers, their tests, and the models for each purpose."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from outreach.access.pages import INVALID_FORM, Request, action, problems_in, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.llm import configured, spending
from outreach.llm.kinds import KINDS
from outreach.llm.models import ModelProvider, TraceExport
from outreach.llm.purposes import DEFAULT, PURPOSES
from outreach.llm.setup import selectors, services
from outreach.llm.setup.forms import PolicyForm, ProviderForm, RouteForm, policy_values, provider_values


@require_safe
@role_required(Role.OPERATOR)
def index(request: HttpRequest) -> HttpResponse:
    """GET /settings/models/"""
    context = {
        "providers": selectors.provider_lines(),
        "routes": selectors.route_lines(),
        "kinds": KINDS.values(),
        "spent_today": spending.spent_today(),
        "day_cap": spending.day_cap(),
        "campaign_cap": spending.default_campaign_cap(),
        "has_cap": spending.has_cap(),
        "policy": configured.policy(),
        "collector": settings.OUTREACH.llm.otlp_endpoint,
        "export": TraceExport.objects.first(),
    }
    return render(request, "llm/setup/index.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def connect(request: HttpRequest, kind: str) -> HttpResponse:
    """GET and POST /settings/models/connect/<kind>/: saved first, then asked for one word."""
    if kind not in KINDS:
        raise Http404
    has_default = any(line.purpose.route == DEFAULT and line.chain for line in selectors.route_lines())
    values = provider_values(KINDS[kind], None, has_default=has_default)
    form = ProviderForm(request.POST or None, kind=KINDS[kind], initial=values)
    if request.method == "POST" and form.is_valid():
        actor = Actor.of(viewer(request))
        with problems_in(form):
            row = services.save_provider(form.data_given(), actor=actor)
            model = form.cleaned_data["model"].strip()
            if form.cleaned_data["is_default"]:
                services.save_route(route=DEFAULT, chain=[f"{row.name}/{model}"], actor=actor)
            _tell(request, services.test_provider(name=row.name, model=model, actor=actor))
            return redirect("models:provider", row.name)
    return _form_page(request, form, title=_("Connect a provider: %(kind)s") % {"kind": KINDS[kind].label})


@require_safe
@role_required(Role.OPERATOR)
def provider(request: HttpRequest, name: str) -> HttpResponse:
    """GET /settings/models/providers/<name>/"""
    line = selectors.provider_line(name)
    if line is None:
        raise Http404
    likely = (line.test.get("model", ""), *line.used_models, *line.model_names)
    context = {
        "line": line,
        "models": line.model_lines(),
        "test_model": next(filter(None, likely), ""),
        "has_cap": spending.has_cap(),
    }
    return render(request, "llm/setup/provider.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """GET and POST /settings/models/providers/<name>/edit/"""
    row = get_object_or_404(ModelProvider, name=name)
    values = provider_values(row.info, row, has_default=True)
    form = ProviderForm(request.POST or None, kind=row.info, provider=row, initial=values)
    if request.method == "POST" and form.is_valid():
        with problems_in(form):
            services.save_provider(form.data_given(), actor=Actor.of(viewer(request)), provider=row)
            messages.success(request, _("Saved. Test it to see that it still works."))
            return redirect("models:provider", name)
    return _form_page(request, form, title=name, back=reverse("models:provider", args=[name]))


@action(Role.OPERATOR, back="models:provider", keep=("name",))
def test(request: Request, name: str) -> HttpResponse:
    """POST …/test/: one real call to the model named in the form."""
    _tell(request, services.test_provider(name=name, model=request.POST.get("model", ""), actor=Actor.of(request.user)))
    return redirect("models:provider", name)


@action(Role.ADMINISTRATOR, back="models:provider", keep=("name",))
def price(request: Request, name: str) -> str:
    """POST …/price/: what a model costs, or all of them (`*`); two empty prices take the statement back."""
    row = get_object_or_404(ModelProvider, name=name)
    model, read, written = (request.POST.get(name, "") for name in ("model", "input", "output"))
    services.set_price(provider=row, model=model, read=read, written=written, actor=Actor.of(request.user))
    return _("Saved. Work that was waiting for a price goes on.")


@action(Role.ADMINISTRATOR, back="models:provider", keep=("name",))
def remove(request: Request, name: str) -> HttpResponse:
    """POST …/remove/"""
    services.remove_provider(provider=get_object_or_404(ModelProvider, name=name), actor=Actor.of(request.user))
    messages.success(request, _("“%(name)s” was removed, and its key with it.") % {"name": name})
    return redirect("models:index")


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def route(request: HttpRequest, name: str) -> HttpResponse:
    """GET and POST /settings/models/routes/<purpose>/"""
    line = next((line for line in selectors.route_lines() if line.purpose.route == name), None)
    if line is None or line.is_fixed:
        raise Http404
    form = RouteForm(request.POST or None, row=line.row)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("temperature", "max_output_tokens")}
        with problems_in(form):
            services.save_route(route=name, chain=form.chain(), actor=Actor.of(viewer(request)), **given)
            messages.success(request, _("Saved: %(purpose)s.") % {"purpose": PURPOSES[name].label})
            return redirect("models:index")
    context = {"line": line, "model_names": selectors.known_models()}
    return _form_page(request, form, title=str(line.purpose.label), template="llm/setup/route.html", context=context)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def policy(request: HttpRequest) -> HttpResponse:
    """GET and POST /settings/models/policy/: spend caps, and what traces keep."""
    form = PolicyForm(request.POST or None, initial=policy_values())
    if request.method == "POST" and form.is_valid():
        with problems_in(form):
            services.save_policy(**form.cleaned_data, actor=Actor.of(viewer(request)))
            messages.success(request, _("Saved. Work that was waiting for a cap goes on if it fits now."))
            return redirect("models:index")
    return _form_page(request, form, title=_("Spending and traces"))


def _tell(request: HttpRequest, result: services.TestResult) -> None:
    if result.is_working:
        messages.success(
            request,
            _("%(model)s answered “%(answer)s” after %(ms)s ms.")
            % {"model": result.model, "answer": result.answer, "ms": result.latency_ms},
        )
    else:
        messages.error(
            request, _("%(model)s did not answer: %(error)s") % {"model": result.model, "error": result.error}
        )


def _form_page(
    request: HttpRequest,
    form: ProviderForm | RouteForm | PolicyForm,
    *,
    title: str,
    back: str = "",
    template: str = "llm/setup/form.html",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    index = reverse("models:index")
    names = list(form.kind.suggested) if isinstance(form, ProviderForm) else []
    page = {"form": form, "title": title, "list_url": index, "list_name": _("Models"), "back_url": back or index}
    status = INVALID_FORM if form.errors else HTTPStatus.OK
    return render(request, template, {**page, "model_names": names, **(context or {})}, status=status)
