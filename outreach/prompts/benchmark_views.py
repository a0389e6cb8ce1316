"""Benchmarks: start a run, see its table, go on with one that was stopped."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from outreach.access.pages import Request, problems_in
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.llm.routing import BUILTIN
from outreach.prompts import benchmarks, services
from outreach.prompts.forms import models
from outreach.prompts.models import PRODUCTION, Benchmark, PackLabel

RUNS_SHOWN = 30


class BenchmarkForm(forms.Form):
    """What to compare."""

    packs = forms.MultipleChoiceField(label=gettext_lazy("Packs"), widget=forms.CheckboxSelectMultiple)
    targets = forms.MultipleChoiceField(label=gettext_lazy("Models"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        packs: Any = self.fields["packs"]
        labels = PackLabel.objects.filter(label__in=services.LABELS).order_by("name", "-label")
        packs.choices = [
            (
                name if label == PRODUCTION else f"{name}@{label}",
                name if label == PRODUCTION else _("%(name)s, candidate") % {"name": name},
            )
            for name, label in labels.values_list("name", "label")
        ]
        targets: Any = self.fields["targets"]
        targets.choices = [(BUILTIN, _("Templates and rules, without a model")), *((name, name) for name in models())]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def index(request: Request) -> HttpResponse:
    """GET /prompts/benchmarks/: all runs; POST starts one in the background."""
    form = BenchmarkForm(request.POST or None, initial={"targets": [BUILTIN]})
    if request.method == "POST" and form.is_valid():
        packs, targets = form.cleaned_data["packs"], form.cleaned_data["targets"]
        with problems_in(form):
            run = benchmarks.start_in_background(references=packs, targets=targets, started_by=request.user)
            return redirect("prompts:benchmark", pk=run.pk)
    runs = Benchmark.objects.select_related("started_by")[:RUNS_SHOWN]
    return render(
        request, "prompts/benchmarks.html", {"form": form, "runs": runs, "related": services.RELATED.entries()}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def detail(request: Request, pk: int) -> HttpResponse:
    """One run. POST goes on with it."""
    run = get_object_or_404(Benchmark, pk=pk)
    if request.method == "POST":
        benchmarks.resume(run, started_by=request.user)
        messages.success(request, _("The run goes on in the background."))
        return redirect("prompts:benchmark", pk=pk)
    lines = benchmarks.table(run)
    context = {"run": run, "lines": lines, "done": sum(x.done for x in lines), "cases": sum(x.cases for x in lines)}
    context["related"] = services.RELATED.entries()
    template = "prompts/_benchmark.html" if getattr(request, "htmx", False) else "prompts/benchmark.html"
    return render(request, template, context)
