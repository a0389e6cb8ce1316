"""Settings → Model costs: sums and charts, and the calls behind each number."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.spreadsheets import csv_response
from outreach.llm.costs import selectors
from outreach.llm.costs.forms import CostForm

PAGE = 50
FILTERS = ("campaign", "pack", "model", "purpose", "only")


@require_safe
@role_required(Role.OPERATOR)
def index(request: HttpRequest) -> HttpResponse:
    """GET /settings/models/costs/: by campaign, pack, model, purpose or day."""
    form = CostForm(request.GET)
    asked, by = form.asked(), form.dimension
    days = selectors.rows(asked, by="day")
    query = _query(request)
    context = {
        "form": form,
        "by_label": selectors.DIMENSIONS[by],
        "rows": [(row, _link(query, row.query)) for row in selectors.rows(asked, by=by)],
        "total": selectors.total(asked),
        "query": query.urlencode(),
        "chips": _chips(request),
        "calls_chart": json.dumps(
            [
                {"name": _("Calls"), "data": [[row.label, row.calls - row.failed] for row in days]},
                {"name": _("Failed"), "data": [[row.label, row.failed] for row in days]},
            ]
        ),
        "cost_chart": json.dumps(
            [{"name": _("US dollars"), "data": [[row.label, float(row.cost_usd or 0)] for row in days]}]
        ),
    }
    return render(request, "llm/costs/index.html", context)


@require_safe
@role_required(Role.OPERATOR)
def export(request: HttpRequest) -> HttpResponse:
    """GET /settings/models/costs.csv: the same lines; text that a spreadsheet would run as a formula is quoted."""
    form = CostForm(request.GET)
    lines = [row.as_dict() for row in (*selectors.rows(form.asked(), by=form.dimension), selectors.total(form.asked()))]
    return csv_response(lines, f"model-costs-by-{form.dimension}")


@require_safe
@role_required(Role.OPERATOR)
def calls(request: HttpRequest) -> HttpResponse:
    """GET /settings/models/calls/: single calls, newest first, page by page."""
    form = CostForm(request.GET)
    rows = selectors.calls(form.asked()).defer("input", "output").select_related("trace")
    if after := request.GET.get("after"):
        rows = rows.filter(_older_than(after))
    found = list(rows[: PAGE + 1])
    page = found[:PAGE]
    more = f"{page[-1].created_at.isoformat()}_{page[-1].pk}" if len(found) > PAGE else ""
    context = {
        "rows": [(row, selectors.purpose_name(row.step)) for row in page],
        "more": more,
        "chips": _chips(request),
        "query": _query(request).urlencode(),
    }
    return render(request, "llm/costs/calls.html", context)


def _older_than(place: str) -> Q:
    moment, _underscore, pk = place.partition("_")
    try:
        at, last = datetime.fromisoformat(moment), UUID(pk)
    except ValueError as error:
        raise BadRequest("after") from error
    return Q(created_at__lt=at) | Q(created_at=at, pk__lt=last)


def _query(request: HttpRequest) -> QueryDict:
    query = request.GET.copy()
    query.pop("after", None)
    return query


def _link(query: QueryDict, changes: dict[str, str]) -> str:
    changed = query.copy()
    for name, value in changes.items():
        changed[name] = value
    return changed.urlencode()


def _chips(request: HttpRequest) -> list[tuple[str, str]]:
    """(what is filtered, the address without it)."""
    names = {
        "failed": _("only failed"),
        "cached": _("only from cache"),
        "judged": _("only judged"),
        "decided": _("only decided by people"),
    }
    found = []
    for name in FILTERS:
        if value := request.GET.get(name):
            query = _query(request)
            del query[name]
            label = names.get(value, value) if name == "only" else selectors.label_of(name, value)
            found.append((label, query.urlencode()))
    return found
