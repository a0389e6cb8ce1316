"""Saved reports: their list, what can be done with one, and the page that a link opens."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.glossary import GLOSSARY
from campaigns.reports.views import columns_of
from campaigns.sharing import services
from campaigns.sharing.forms import LinkForm, SaveForm, ScheduleForm
from campaigns.sharing.models import ReportLink, ReportSchedule, SavedReport
from outreach.access import mail
from outreach.access.models import User
from outreach.access.pages import INVALID_FORM, Request, action, add_problem, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid, OutreachError


@require_GET
@role_required(Role.VIEWER)
def index(request: HttpRequest) -> HttpResponse:
    """One's own saved reports and those for everyone."""
    rows = SavedReport.objects.visible_to(viewer(request).pk).select_related("owner").prefetch_related("schedules")
    return render(request, "campaigns/sharing/list.html", {"reports": rows})


@action(Role.VIEWER, back="sharing:list", keep=())
def save(request: Request) -> str | HttpResponse:
    """POST the parameters of the report that is shown, and a name."""
    form = SaveForm(request.POST)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise Invalid(name, str(errors[0]))
    data = form.cleaned_data
    row = services.save(
        user=request.user, name=data["name"], query=data["query"], is_for_everyone=data["is_for_everyone"]
    )
    messages.success(request, _("Saved as “%(name)s”.") % {"name": row.name})
    return redirect(f"{reverse('reports:index')}?{row.query}")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def detail(request: Request, pk: int) -> HttpResponse:
    """Links and schedules of a saved report; POST makes a link (`what=link`) or a schedule (`what=schedule`)."""
    report = _own(pk, request.user)
    what = request.POST.get("what", "")
    link_form = LinkForm(request.POST if what == "link" else None)
    schedule_form = ScheduleForm(request.POST if what == "schedule" else None)
    form: Any = link_form if what == "link" else schedule_form
    address, status = "", 200
    if request.method == "POST":
        status = INVALID_FORM
        if form.is_valid():
            try:
                if what == "link":
                    _link, address = services.share(report=report, days=form.cleaned_data["days"], user=request.user)
                    status = 200
                else:
                    services.schedule(report=report, plan=form.plan(), user=request.user)
                    messages.success(request, _("The report will be sent."))
                    return redirect("sharing:detail", pk=pk)
            except OutreachError as error:
                add_problem(form, error)
    context = {
        "report": report,
        "link_form": link_form,
        "schedule_form": schedule_form,
        "address": address,
        "links": ReportLink.objects.open(clock.now()).filter(report=report),
        "schedules": report.schedules.all(),
        "can_mail": mail.can_send(),
    }
    return render(request, "campaigns/sharing/detail.html", context, status=status)


@action(Role.VIEWER, back="sharing:list", keep=())
def remove(request: Request, pk: int) -> str:
    """Forget a saved report with its links and schedules."""
    report = _own(pk, request.user)
    for link in report.links.filter(revoked_at=None):
        services.revoke(link=link, user=request.user)
    report.delete()
    return _("“%(name)s” deleted. Its links no longer work.") % {"name": report.name}


@action(Role.OPERATOR, back="sharing:detail")
def revoke(request: Request, pk: int, link_id: int) -> str:
    """Close a link."""
    services.revoke(link=get_object_or_404(ReportLink, pk=link_id, report=_own(pk, request.user)), user=request.user)
    return _("The link no longer works.")


@action(Role.OPERATOR, back="sharing:detail")
def unschedule(request: Request, pk: int, schedule_id: int) -> str:
    """Send it no more."""
    row = get_object_or_404(ReportSchedule, pk=schedule_id, report=_own(pk, request.user))
    services.unschedule(row=row, user=request.user)
    return _("The report is no longer sent.")


@login_not_required
@never_cache
@require_GET
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """GET /shared/<token>/: the numbers, read-only, without any person behind them."""
    report = services.opened(token)
    if report is None:
        return _unlisted(render(request, "campaigns/sharing/expired.html", status=404))
    found = services.read(report)
    names = columns_of(found.total)
    context = {
        "report": report,
        "by_label": DIMENSIONS[found.by].label,
        "headings": [GLOSSARY[name] for name in names],
        "rows": [(row, [row.rates[name] for name in names]) for row in found.rows],
        "total": found.total,
        "total_rates": [found.total.rates[name] for name in names],
        "at": clock.now(),
    }
    return _unlisted(render(request, "campaigns/sharing/shared.html", context))


def _unlisted(response: HttpResponse) -> HttpResponse:
    """No search engine keeps it, and no page that it links to learns its address."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _own(pk: int, user: User) -> SavedReport:
    """A report of the user's; of anyone's for an administrator."""
    rows = SavedReport.objects.all() if user.has_role(Role.ADMINISTRATOR) else SavedReport.objects.filter(owner=user)
    return get_object_or_404(rows, pk=pk)
