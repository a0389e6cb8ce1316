"""Pages of measurements: start one, read its figures."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leads.learning.measurements import selectors, services
from leads.learning.measurements.forms import WORLDS, HistoryForm, WorldForm
from leads.learning.models import Agent, Measurement, MeasurementKind
from outreach.access.pages import INVALID_FORM, add_problem, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.core.words import gettext

SHOWN = 50


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def index(request: HttpRequest) -> HttpResponse:
    """Earlier measurements, and a form for the next; a POST measures an uploaded history."""
    form = HistoryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = services.start(
                kind=form.cleaned_data["kind"],
                name=file.name,
                options=form.options(),
                file=file,
                user=viewer(request),
            )
        except Invalid as error:
            add_problem(form, error)
        else:
            return redirect("learning:detail", row.pk)
    context = {
        "form": form,
        "world_form": WorldForm(),
        "agents": Agent.objects.select_related("brief")[:SHOWN],
        "rows": Measurement.objects.defer("content", "result").select_related("created_by")[:SHOWN],
    }
    return render(request, "leads/learning/index.html", context, status=INVALID_FORM if form.errors else HTTPStatus.OK)


@require_POST
@role_required(Role.OPERATOR)
def compare(request: HttpRequest) -> HttpResponse:
    """Compare policies in a generated world."""
    form = WorldForm(request.POST)
    if not form.is_valid():
        return redirect("learning:list")
    row = services.start(
        kind=MeasurementKind.SIMULATION,
        name=gettext("Generated world: %(world)s") % {"world": gettext(WORLDS[form.cleaned_data["world"]])},
        options=form.cleaned_data,
        user=viewer(request),
    )
    return redirect("learning:detail", row.pk)


@require_GET
@role_required(Role.OPERATOR)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures, or that they are still being made; `?format=json` downloads them."""
    row = get_object_or_404(Measurement.objects.defer("content").select_related("job", "created_by"), pk=pk)
    if request.GET.get("format") == "json":
        response = JsonResponse(row.report)
        response["Content-Disposition"] = f'attachment; filename="measurement-{row.pk}.json"'
        return response
    if request.GET.get("format") == "card" and row.result and row.is_evaluation:
        answer = HttpResponse(selectors.card(row), content_type="text/markdown; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="model-card-{row.pk}.md"'
        return answer
    return render(request, "leads/learning/detail.html", {"row": row, **selectors.context(row)})
