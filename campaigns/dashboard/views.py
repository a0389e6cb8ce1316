"""The dashboard, what is behind its numbers, and its CSV."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns.dashboard import selectors
from campaigns.dashboard.behind import NUMBERS
from campaigns.dashboard.forms import DashboardForm
from campaigns.reports.forms import presets
from outreach.core.spreadsheets import csv_response

PAGE = 50


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Everything on one page."""
    form = DashboardForm(request.GET or None)
    period = form.period()
    days = timezone.localdate(period.since)
    today = timezone.localdate(period.now)
    chosen = (days, form.until_day or today)
    parts = selectors.sections(period)
    context: dict[str, Any] = {
        "form": form if form.is_bound else DashboardForm(initial={"since": days}),
        "sections": [(part, json.dumps(part.chart.series) if part.chart else "") for part in parts],
        "query": period.query,
        "presets": [
            (
                one.label,
                f"last={one.name}",
                (one.since, one.until) == chosen,
            )
            for one in presets(today)
        ],
    }
    return render(request, "campaigns/dashboard/index.html", context)


@require_GET
def behind(request: HttpRequest, name: str) -> HttpResponse:
    """The rows that a number counts, page by page."""
    number = NUMBERS.get(name)
    if number is None:
        raise Http404
    period = DashboardForm(request.GET or None).period()
    page = request.GET.get("after", "")
    start = min(int(page), 10**6) if page.isdecimal() else 0
    rows = list(number.rows(period)[start : start + PAGE + 1])
    context = {
        "label": number.label,
        "items": [number.item(row) for row in rows[:PAGE]],
        "next_after": start + PAGE if len(rows) > PAGE else None,
        "query": period.query,
    }
    return render(request, "campaigns/dashboard/behind.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The same numbers as CSV."""
    parts = selectors.sections(DashboardForm(request.GET or None).period())
    rows = [{"section": part.title, **figure.as_dict()} for part in parts for figure in part.figures]
    return csv_response(rows, "dashboard")
