"""The report page and its CSV."""

from __future__ import annotations

import csv
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from campaigns.reports import selectors
from campaigns.reports.forms import ReportForm

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("delivered", "bounced", "replied", "positive", "booked", "opted_out")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Funnel, rates with intervals, and the days."""
    form = ReportForm(request.GET or None)
    asked = form.query() if form.is_valid() else {"since": None, "until": None, "campaign_id": None}
    by = (form.cleaned_data.get("by") if form.is_valid() else "") or "campaign"
    total = selectors.total(**asked)
    return render(
        request,
        "campaigns/reports/index.html",
        {
            "form": form,
            "by": by,
            "by_label": selectors.DIMENSIONS[by][0],
            "rows": [(row, _cells(row)) for row in selectors.rows(by=by, **asked)],
            "total": total,
            "total_cells": _cells(total),
            "headings": _headings(),
            "has_people": total.audience is not None,
            "funnel": _funnel(total),
            "chart": json.dumps(_chart(selectors.by_day(**_days(asked)))),
            "query": request.GET.urlencode(),
        },
    )


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The same rows as CSV; text that a spreadsheet would run as a formula is quoted."""
    form = ReportForm(request.GET or None)
    asked = form.query() if form.is_valid() else {"since": None, "until": None, "campaign_id": None}
    by = (form.cleaned_data.get("by") if form.is_valid() else "") or "campaign"
    rows = [row.as_dict() for row in (*selectors.rows(by=by, **asked), selectors.total(**asked))]
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="report-by-{by}.csv"'
    writer = csv.DictWriter(response, fieldnames=list(rows[-1]))
    writer.writeheader()
    writer.writerows({k: _safe(v) for k, v in row.items()} for row in rows)
    return response


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _headings() -> list[str]:
    return [_("Delivered"), _("Bounced"), _("Replied"), _("Positive"), _("Booked"), _("Opted out")]


def _cells(row: selectors.Row) -> list[tuple[str, Any]]:
    headings = _headings()
    return [(headings[i], row.rates[name]) for i, name in enumerate(COLUMNS)]


def _funnel(row: selectors.Row) -> list[tuple[str, int, int]]:
    """(label, count, share of the widest bar's base) for the bars."""
    bars: list[tuple[str, int]] = []
    if row.audience is not None:
        bars += [
            (_("Audience"), row.audience),
            (_("Qualified"), row.qualified or 0),
            (_("Drafted"), row.drafted or 0),
            (_("Approved"), row.approved or 0),
        ]
    bars += [
        (_("Contacted"), row.sent),
        (_("Replied"), row.results.get("replied", 0)),
        (_("Positive"), row.results.get("positive", 0)),
        (_("Booked"), row.results.get("booked", 0)),
    ]
    base = max((count for _label, count in bars), default=0)
    return [(label, count, base) for label, count in bars]


def _days(asked: dict[str, Any]) -> dict[str, Any]:
    return {"since": asked["since"], "until": asked["until"], "campaign_id": asked["campaign_id"]}


def _chart(series: dict[str, list[tuple[str, int]]]) -> list[dict[str, Any]]:
    names = {"sent": _("Messages sent"), "replied": _("People who replied")}
    return [{"name": names[name], "data": points} for name, points in series.items()]
