"""Pages of sources: crawl jobs, the result of each page, raw records as text."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads.sources import services
from leads.sources.forms import CrawlForm, RefreshForm
from leads.sources.models import CRAWL, CrawlJob, CrawlPage, RawRecord
from outreach.access.pages import Request, action, problems_in, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.paging import newest

SHOWN_BYTES = 300_000
ACTIONS = {"pause": services.pause, "resume": services.resume, "retry": services.retry, "cancel": services.cancel}
STATES_OF = {
    "pause": CRAWL.open, "resume": ("paused",), "retry": CRAWL.retryable, "cancel": CRAWL.stoppable,
}  # fmt: skip


@require_safe
@role_required(Role.VIEWER)
def crawl_list(request: HttpRequest) -> HttpResponse:
    """GET /sources/ `?state=&after=<id>`"""
    state, after = request.GET.get("state", ""), request.GET.get("after", "")
    jobs = CrawlJob.objects.select_related("started_by")
    if state in CRAWL.states:
        jobs = jobs.filter(state=state)
    rows, following = newest(jobs, after)
    status = services.queue_status()
    context = {
        "jobs": rows,
        "next_after": following,
        "state": state,
        "states": [(name, row.label, status["jobs"][name]) for name, row in CRAWL.states.items()],
        "status": status,
        "is_moving": any(job.state in CRAWL.open for job in rows),
    }
    template = "leads/sources/_jobs.html" if request.htmx else "leads/sources/list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def crawl_create(request: HttpRequest) -> HttpResponse:
    """GET, POST /sources/new/"""
    form = CrawlForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = viewer(request)
        with problems_in(form):
            job = services.start_crawl(form.plan(), started_by=user, actor=Actor.of(user))
            return redirect("sources:detail", pk=job.pk)
    context = {
        "form": form,
        "title": _("New crawl"),
        "list_name": _("Sources"),
        "list_url": reverse("sources:list"),
        "back_url": reverse("sources:list"),
    }
    return render(request, "leads/sources/new.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(Role.VIEWER)
def crawl_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /sources/<pk>/ `?pages=<state>&after=<id>`: progress while it runs, then what came of it."""
    job = get_object_or_404(CrawlJob.objects.select_related("started_by"), pk=pk)
    shown, after = request.GET.get("pages", ""), request.GET.get("after", "")
    pages = CrawlPage.objects.filter(job=job)
    if shown in CrawlPage.State.values:
        pages = pages.filter(state=shown)
    rows, following = newest(pages, after)
    context = {
        "job": job,
        "pages": rows,
        "page_states": CrawlPage.State.choices,
        "shown": shown,
        "next_after": following,
        "records": job.records.select_related("lead").defer("body").order_by("-pk")[:20],
        "actions": [name for name, states in STATES_OF.items() if job.state in states],
        "is_moving": job.state in CRAWL.open,
        "refresh": RefreshForm(initial={"refresh_minutes": job.refresh_minutes}),
        "remarks": sorted(job.remarks.items()),
    }
    template = "leads/sources/_progress.html" if request.htmx else "leads/sources/detail.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@action(Role.OPERATOR, back="sources:detail")
def crawl_action(request: Request, pk: int, action: str) -> HttpResponse:
    """POST /sources/<pk>/pause|resume|retry|cancel/"""
    ACTIONS[action](job=get_object_or_404(CrawlJob, pk=pk), actor=Actor.of(request.user))
    return redirect("sources:detail", pk=pk)


@require_POST
@role_required(Role.OPERATOR)
def crawl_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /sources/<pk>/refresh/: how often it is crawled again."""
    job, form = get_object_or_404(CrawlJob, pk=pk), RefreshForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("sources:detail", pk=pk)
    services.set_refresh(job=job, minutes=form.cleaned_data["refresh_minutes"], actor=Actor.of(request.user))
    messages.success(request, _("Saved."))
    return redirect("sources:detail", pk=pk)


@require_safe
@role_required(Role.VIEWER)
def record_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /sources/records/<pk>/: a raw record as text, never as a page."""
    record = get_object_or_404(RawRecord.objects.select_related("lead", "job"), pk=pk)
    body = record.content()
    context = {
        "record": record,
        "text": body[:SHOWN_BYTES].decode("utf-8", "replace"),
        "is_cut": len(body) > SHOWN_BYTES,
        "features": _facts(record.features),
    }
    return render(request, "leads/sources/record.html", context)


def _facts(features: dict[str, Any]) -> list[tuple[str, Any]]:
    """What was read out of a record, one fact a line; long texts are left to the record itself."""
    facts = {k: v for k, v in features.items() if k not in {"description", "body_html", "attributes", "images"}}
    facts |= features.get("attributes", {})
    facts |= {"images": [image.get("url", "") for image in features.get("images", [])]}
    shown = ((k, ", ".join(str(part) for part in v) if isinstance(v, list) else v) for k, v in facts.items())
    return sorted((k, v) for k, v in shown if v not in (None, ""))
