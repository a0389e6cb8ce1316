"""Pages of experiments: all of them with their verdicts, a new one with what it takes, and one in detail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.arms.factors import FACTORS
from campaigns.arms.models import Experiment
from campaigns.experiments import sentences, services
from campaigns.experiments.design import design
from campaigns.experiments.forms import ExperimentForm
from campaigns.experiments.results import people_behind, results_of
from campaigns.steps.models import Step
from outreach.access.pages import INVALID_FORM, Request, action, problems_in
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.paging import as_id

SHOWN = PAGE = 50


def _rows() -> Any:
    return Experiment.objects.select_related("campaign", "step", "winner").prefetch_related("arms")


@require_safe
@role_required(Role.VIEWER)
def index(request: HttpRequest) -> HttpResponse:
    """GET /experiments/: the newest ones."""
    rows = [(row, sentences.verdict(results_of(row))) for row in _rows()[:SHOWN]]
    return render(request, "campaigns/experiments/list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def create(request: Request) -> HttpResponse:
    """GET /experiments/new/?step=…&factor=…&name=…&metric=…: the form; POST saves it."""
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        with problems_in(form):
            row = services.create(form.plan(), actor=Actor.of(request.user))
            messages.success(request, _("Experiment saved. Start it when the texts are as you want them."))
            return redirect("experiments:detail", pk=row.pk)
    context = {"form": form, "has_steps": form.fields["step"].queryset.exists()}  # type: ignore[attr-defined]
    status = INVALID_FORM if form.is_bound and form.errors else 200
    return render(request, "campaigns/experiments/create.html", context, status=status)


@require_POST
@role_required(Role.OPERATOR)
def plan(request: Request) -> HttpResponse:
    """POST /experiments/plan/: what the form's experiment takes, in sentences. Nothing is saved."""
    form = _form(request)
    said: list[str] = []
    if form.is_valid():
        asked = form.plan()
        try:
            found = design(step=asked.step, base_rate=asked.base_rate, ratio=asked.ratio, arms=len(asked.values))
            said = sentences.planned(found)
        except ValueError:
            said = [_("This difference is not possible at this rate.")]
    return render(request, "campaigns/experiments/_plan.html", {"sentences": said})


def _form(request: HttpRequest) -> ExperimentForm:
    asked = request.POST.get("step") or request.GET.get("step", "")
    steps = Step.objects.select_related("campaign__stream", "pack_version").filter(pack_version__isnull=False)
    step = steps.filter(pk=as_id(asked)).first()
    given = {name: request.GET[name] for name in ("name", "metric") if request.GET.get(name)}
    factor = request.POST.get("factor") or request.GET.get("factor", "")
    return ExperimentForm(request.POST or None, step=step, factor=factor, initial=given)


@require_safe
@role_required(Role.VIEWER)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /experiments/<id>/: the verdict, the arms, and what may be done."""
    row = get_object_or_404(_rows(), pk=pk)
    found = results_of(row)
    context = {
        "experiment": row,
        "found": found,
        "verdict": sentences.verdict(found),
        "between": sentences.between(found.pair),
        "plan": sentences.planned(design(step=row.step, base_rate=row.base_rate, ratio=row.ratio, arms=len(found.arms)))
        if row.is_planned
        else [],
        "arms": list(zip(found.arms, found.chances, strict=True)),
        "shows_chances": row.mode == Experiment.Mode.THOMPSON,
    }
    return render(request, "campaigns/experiments/detail.html", context)


@require_safe
@role_required(Role.VIEWER)
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /experiments/<id>/people/?number=…&arm=…: the people counted by a number of an arm."""
    row = get_object_or_404(_rows(), pk=pk)
    number, arm, after = (request.GET.get(name, "") for name in ("number", "arm", "after"))
    try:
        found = people_behind(row, number, arm=arm).filter(pk__gt=int(after or 0)).order_by("pk")
        shown = list(found.select_related("lead__company", "campaign")[: PAGE + 1])
    except (KeyError, ValueError, OverflowError) as error:
        raise BadRequest("There is no such number in an experiment.") from error
    labels = {
        "assigned": _("People assigned"), "sent": _("Contacted"), "harms": _("Opted out or bounced"),
        "successes": row.get_metric_display(),
    }  # fmt: skip
    context = {
        "experiment": row,
        "people": [(one, None) for one in shown[:PAGE]],
        "next_after": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "label": labels[number],
        "line": next((one.name for one in row.arms.all() if str(one.pk) == arm), ""),
    }
    return render(request, "campaigns/experiments/people.html", context)


@action(Role.OPERATOR, back="experiments:detail")
def start(request: Request, pk: int) -> str:
    """POST …/start/."""
    row = get_object_or_404(_rows(), pk=pk)
    given = services.start(experiment=row, actor=Actor.of(request.user))
    if not given:
        if FACTORS[row.factor].is_written:
            return _("The experiment has started. People join as their drafts are written.")
        return _("The experiment has started. People join as their messages are planned.")
    text = ngettext(
        "The experiment has started: %(count)s person got one of the variants.",
        "The experiment has started: each of %(count)s people got one of the variants.",
        given,
    )
    return text % {"count": given}


@action(Role.OPERATOR, back="experiments:detail")
def stop(request: Request, pk: int) -> str:
    """POST …/stop/."""
    reason = request.POST.get("reason", "").strip()[:500]
    services.stop(experiment=get_object_or_404(_rows(), pk=pk), actor=Actor.of(request.user), reason=reason)
    return _("The experiment is stopped. New people get what the campaign has.")


@action(Role.OPERATOR, back="experiments:detail")
def take(request: Request, pk: int, arm_id: int) -> str:
    """POST …/take/<arm>/: use one arm's variant from now on."""
    row = get_object_or_404(_rows(), pk=pk)
    arm = get_object_or_404(row.arms, pk=arm_id)
    services.take(experiment=row, arm=arm, actor=Actor.of(request.user))
    return _("“%(arm)s” is used for everyone else from now on.") % {"arm": arm}
