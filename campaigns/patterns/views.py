"""The page of patterns, and the messages behind one."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from campaigns.models import Outcome
from campaigns.patterns import selectors
from campaigns.patterns.features import FAMILIES, label_of
from campaigns.patterns.statistics import FALSE_DISCOVERIES
from outreach.core import clock

_FACTORS = {"hours": "hours"}
"""What an experiment on a kind of feature compares; texts where nothing else is said."""


def metric_of(request: HttpRequest) -> str:
    """What counts as success: replies unless positive ones are asked for."""
    asked = request.GET.get("metric", "")
    return asked if asked in selectors.METRICS else Outcome.Kind.REPLIED.value


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What goes with answers."""
    metric = metric_of(request)
    found = selectors.findings(metric=metric, now=clock.now(), zone=timezone.get_current_timezone())
    context = {
        "found": found,
        "metric": metric,
        "metrics": [(Outcome.Kind.REPLIED.value, _("Replies")), (Outcome.Kind.POSITIVE.value, _("Positive replies"))],
        "rows": [(one, _address(one, metric), _experiment(one, metric)) for one in found.patterns],
        "least_people": selectors.LEAST_PEOPLE,
        "least_answers": selectors.LEAST_ANSWERS,
        "false_discoveries": FALSE_DISCOVERIES,
    }
    return render(request, "campaigns/patterns/index.html", context)


@require_GET
def examples(request: HttpRequest) -> HttpResponse:
    """GET ?family=…&value=…: messages that have a feature."""
    feature = (request.GET.get("family", ""), request.GET.get("value", ""))
    if feature[0] not in FAMILIES or (feature[0] == "weekday" and feature[1] not in "1234567"):
        raise BadRequest("There is no such pattern.")
    metric = metric_of(request)
    rows = selectors.examples(feature, metric=metric, now=clock.now(), zone=timezone.get_current_timezone())
    context = {"label": label_of(feature), "family": FAMILIES[feature[0]], "rows": rows, "metric": metric}
    return render(request, "campaigns/patterns/examples.html", context)


def _address(one: selectors.Pattern, metric: str) -> str:
    return urlencode({"family": one.feature[0], "value": one.feature[1], "metric": metric})


def _experiment(one: selectors.Pattern, metric: str) -> str:
    return urlencode(
        {"name": f"{one.family}: {one.label}", "metric": metric, "factor": _FACTORS.get(one.feature[0], "variant")}
    )
