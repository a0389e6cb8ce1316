"""The report page, the people behind each of its numbers, and its CSV."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from campaigns.models import Candidate
from campaigns.reports import selectors
from campaigns.reports.behind import MESSAGES
from campaigns.reports.cohorts import KINDS, UNITS, WEEKS
from campaigns.reports.cohorts import cohorts as cohorts_of
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.forms import CohortForm, ReportForm, presets
from campaigns.reports.glossary import GLOSSARY
from campaigns.reports.kept import Kept
from campaigns.reports.lines import Asked
from campaigns.reports.selectors import Row
from outreach.core import clock, numbers
from outreach.core.intervals import Rate
from outreach.core.spreadsheets import csv_response, workbook_response
from outreach.core.states import Text

COLUMNS = ("delivered", "bounced", "opened", "clicked", "replied", "positive", "booked", "held", "won", "opted_out")
TRACKED = ("opened", "clicked", "held", "won")
"""Columns that are left out while nothing was counted in them."""
PAGE = 50
MOST_LINES = 5
"""Lines that a chart shows: the largest ones."""
_PARAMETERS = ("by", "campaign", "since", "until", "last", "intervals", "unit")


@dataclass(frozen=True)
class Cell:
    """One number of a line."""

    name: str
    heading: str
    """What it is called."""
    count: int | str | None
    href: str = ""
    """The people behind it; empty where there are none to show."""
    rate: Rate | None = None
    """For results: their share of the people contacted."""
    has_interval: bool = False

    @property
    def html(self) -> str:
        """The number with its link and rate as HTML. A report has a thousand: a template would take ten times as long."""
        count = "—" if self.count is None else self.count
        parts = [format_html('<a href="{}">{}</a>', self.href, count) if self.href else format_html("{}", count)]
        if self.rate and self.rate.value is not None:
            parts.append(format_html('<span class="small">({})</span>', numbers.percent(self.rate.value)))
            if self.has_interval and self.rate.low is not None and self.rate.high is not None:
                ends = (numbers.percent(self.rate.low), numbers.percent(self.rate.high))
                parts.append(format_html('<span class="rate-interval">{} – {}</span>', *ends))
        inner = format_html_join(" ", "{}", ((part,) for part in parts))
        return format_html('<td class="num" data-label="{}"><span>{}</span></td>', self.heading, inner)


@dataclass(frozen=True)
class Bar:
    """One step of the funnel. `change` is against the period before, in per cent with a sign."""

    name: str
    label: Text
    count: int
    base: int
    change: str = ""


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Funnel, rates, and the course of time; compared with the period before where there is one."""
    form = ReportForm(request.GET or None)
    asked, by, now = form.asked(), form.dimension, clock.now()
    source = selectors.source_of(asked)
    total = selectors.total(asked, source=source)
    before = asked.before(now)
    funnel = _funnel(total, selectors.total(before, source=source) if before else None)
    names, query = columns_of(total), _query(request)
    unit = request.GET.get("unit", "")
    if unit not in selectors.UNITS:
        unit = selectors.unit_of(asked, now, source=source)
    found = selectors.rows(asked, by=by, source=source)
    shown = found if request.GET.get("lines") == "all" else found[: selectors.SHOWN]
    labels = {name: str(term.label) for name, term in GLOSSARY.items()}
    context = {
        "form": form,
        "by": by,
        "by_label": DIMENSIONS[by].label,
        "rows": [
            (row.name, _cells(row, names, total, f"{query}&key={quote(row.key)}&by={by}", labels)) for row in shown
        ],
        "left_out": len(found) - len(shown),
        "total": _cells(total, names, total, query, labels),
        "glossary": GLOSSARY,
        "has_people": total.audience is not None,
        "funnel": funnel,
        "has_changes": any(bar.change for bar in funnel),
        "chart": json.dumps(_chart(selectors.over_time(asked, unit, source=source))),
        "lines_chart": json.dumps(_lines_chart(asked, by, found, unit, source)),
        "is_sequence": DIMENSIONS[by].is_sequence,
        "unit": _UNITS[unit](),
        "units": [(label(), _query(request, unit=name), name == unit) for name, label in _UNITS.items()],
        "is_behind": source.is_behind,
        "query": query,
        "without_intervals": _query(request, leave=("intervals",)),
        "shows_intervals": request.GET.get("intervals") == "1",
        "presets": _presets(request, form, now),
    }
    return render(request, "campaigns/reports/index.html", context)


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """GET /reports/people/?number=…&key=…: who a number of the report counts."""
    form = ReportForm(request.GET or None)
    by = form.dimension if "key" in request.GET else ""
    key, after = request.GET.get("key", ""), request.GET.get("after", "")
    try:
        answer, weeks = request.GET.get("answer", ""), int(request.GET.get("weeks") or 0)
        line = selectors.Line(form.asked(), request.GET.get("number", ""), by, key, answer, weeks)
        source = selectors.source_of(line.asked)
        found = selectors.behind(line, after=after, most=PAGE + 1, source=source)
        count = None if after else selectors.number_of(line, source=source)
        name = DIMENSIONS[by].names([key]).get(key, "") if by else ""
    except (KeyError, ValueError, OverflowError, DataError) as error:
        raise BadRequest("There is no such number in a report.") from error
    chosen = Candidate.objects.select_related("lead__company", "campaign").in_bulk({one.candidate for one in found})
    shown = [(chosen[one.candidate], one.at) for one in found[:PAGE] if one.candidate in chosen]
    context = {
        "people": shown,
        "has_times": any(at for _person, at in shown),
        "is_of_messages": line.number == MESSAGES,
        "next_after": found[PAGE - 1].cursor if len(found) > PAGE else None,
        "count": count,
        "label": GLOSSARY[line.number].label,
        "line": name,
        "query": _query(request),
    }
    return render(request, "campaigns/reports/people.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The same rows as CSV; text that a spreadsheet would run as a formula is quoted."""
    by, rows = _exported(request)
    return csv_response(rows, f"report-by-{by}")


@require_GET
def workbook(request: HttpRequest) -> HttpResponse:
    """The same rows for Excel."""
    by, rows = _exported(request)
    return workbook_response(rows, f"report-by-{by}")


def _exported(request: HttpRequest) -> tuple[str, list[dict[str, Any]]]:
    form = ReportForm(request.GET or None)
    asked, by = form.asked(), form.dimension
    source = selectors.source_of(asked)
    return by, [
        row.as_dict() for row in (*selectors.rows(asked, by=by, source=source), selectors.total(asked, source=source))
    ]


@require_GET
def cohorts(request: HttpRequest) -> HttpResponse:
    """People by the week or month of their first message; `format=csv` downloads the counts."""
    form = CohortForm(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    campaign = chosen.get("campaign")
    zone = timezone.get_current_timezone()
    source = selectors.source_of(Asked(zone=zone))
    rows = cohorts_of(
        kind=chosen.get("kind") or KINDS[0], unit=chosen.get("unit") or UNITS[0], now=clock.now(),
        zone=zone, campaign_id=campaign.pk if campaign else None, kept=source.zone if isinstance(source, Kept) else None,
    )  # fmt: skip
    if request.GET.get("format") == "csv":
        return csv_response(
            [
                {"first_message": row.begins.isoformat(), "people": row.people}
                | {f"week_{week}": n for week, n in enumerate(row.answered, 1)}
                for row in rows
            ],
            "cohorts",
        )
    context = {
        "form": form,
        "rows": [(row, list(enumerate(row.answered, 1))) for row in rows],
        "weeks": range(1, WEEKS + 1),
        "kind": chosen.get("kind") or KINDS[0].value,
        "campaign": campaign,
    }
    return render(request, "campaigns/reports/cohorts.html", context)


def columns_of(total: Row) -> list[str]:
    """The results that a table shows: all but those that are never counted here."""
    return [name for name in COLUMNS if name not in TRACKED or total.number(name)]


_UNITS: dict[str, Callable[[], str]] = {
    "day": lambda: _("by day"),
    "week": lambda: _("by week"),
    "month": lambda: _("by month"),
}


def _cells(row: Row, names: list[str], total: Row, query: str, labels: dict[str, str]) -> list[Cell]:
    """The numbers of a line, in the order of the columns; `total` says which columns there are."""
    rates, has_interval = row.rates, "intervals=1" in query
    people = f"{reverse('reports:people')}?{query}&number="

    def opened(name: str, count: int | None) -> str:
        return people + name if count else ""

    first = [*(("audience", "qualified") if total.audience is not None else ()), "messages", "contacted"]
    counted = [(name, row.messages if name == "messages" else row.number(name)) for name in first]
    cells = [Cell(name, labels[name], count, opened(name, count)) for name, count in counted]
    cells += [
        Cell(name, labels[name], rates[name].count, opened(name, rates[name].count), rates[name], has_interval)
        for name in names
    ]
    if not total.value:
        return cells
    value = number_format(row.value, 0, force_grouping=True)
    return [*cells, Cell("value", labels["value"], value, people + "value" if row.value else "")]


def _funnel(row: Row, earlier: Row | None) -> list[Bar]:
    names = ["contacted", "replied", "positive", "booked"]
    if row.audience is not None:
        names = [*selectors.PEOPLE, *names]
    counted = [(name, row.number(name) or 0) for name in names]
    base = max((count for _name, count in counted), default=0)
    return [Bar(name, GLOSSARY[name].label, count, base, _change(name, count, earlier)) for name, count in counted]


def _change(name: str, count: int, earlier: Row | None) -> str:
    """Against the period before; empty where that had nothing."""
    was = earlier.number(name) if earlier else None
    if not was:
        return ""
    return ("+" if count >= was else "−") + numbers.percent(abs(count - was) / was, 0)


def _chart(series: dict[str, list[tuple[str, int]]]) -> list[dict[str, Any]]:
    names = {"sent": _("Messages sent"), "replied": _("People who replied")}
    return [{"name": names[name], "data": points} for name, points in series.items()]


def _lines_chart(asked: Asked, by: str, rows: list[Row], unit: str, source: selectors.Source) -> list[dict[str, Any]]:
    """How the lines of the breakdown compare: the largest ones over time, or rates where lines are a sequence."""
    if DIMENSIONS[by].is_sequence:
        rates = [(row.name, round(100 * (row.rates["replied"].value or 0), 1)) for row in rows]
        return [{"name": _("Reply rate, %"), "data": rates}]
    chosen = {row.key: row.name for row in rows[:MOST_LINES] if row.sent}
    series = selectors.lines_over_time(asked, unit, by, list(chosen), source=source)
    return [{"name": chosen[key], "data": points} for key, points in series.items()]


def _query(request: HttpRequest, *, leave: tuple[str, ...] = (), **changed: str) -> str:
    """The report's own parameters of this address, with changes."""
    query = request.GET.copy()
    for name in set(query) - set(_PARAMETERS) | set(leave):
        query.pop(name, None)
    for name, value in changed.items():
        query[name] = value
    return query.urlencode()


def _presets(request: HttpRequest, form: ReportForm, now: datetime) -> list[tuple[Any, str, bool]]:
    """(label, query, whether it is chosen) of the usual periods."""
    days = (form.since_day, form.until_day)
    return [
        (one.label, _query(request, leave=("since", "until"), last=one.name), days == (one.since, one.until))
        for one in presets(timezone.localdate(now))
    ]
