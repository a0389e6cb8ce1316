"""Jobs and schedules: progress and outcome; run again, cancel, pause."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.jobs import periodic, selectors, services
from outreach.jobs.models import JOB, Job

PAGE_SIZE = 50


@require_safe
@role_required(Role.VIEWER)
def job_list(request: HttpRequest) -> HttpResponse:
    """The newest jobs, `?state=`, `?before=<id>`; schedules and lanes beside them."""
    state = request.GET.get("state", "")
    before = request.GET.get("before", "")
    jobs = selectors.job_page(
        state=state if state in JOB.states else "",
        before=int(before) if before.isdecimal() else None,
        limit=PAGE_SIZE + 1,
    )
    return render(
        request,
        "jobs/list.html",
        {
            "jobs": jobs[:PAGE_SIZE],
            "next_before": jobs[PAGE_SIZE - 1].pk if len(jobs) > PAGE_SIZE else None,
            "state": state,
            "states": JOB.choices,
            "schedules": selectors.schedule_rows(),
            "lanes": selectors.lane_rows(),
        },
    )


@require_safe
@role_required(Role.VIEWER)
def job_fragment(request: HttpRequest, pk: int) -> HttpResponse:
    """One job; the fragment polls until the job has ended."""
    return render(request, "jobs/_job.html", {"job": get_object_or_404(Job, pk=pk)})


@require_POST
@role_required(Role.OPERATOR)
def job_runs(request: HttpRequest, pk: int) -> HttpResponse:
    """POST …/runs: run the job again."""
    job = services.run_again(job=get_object_or_404(Job, pk=pk), actor=Actor.of(request.user))
    return _answer(request, job, _("Job queued again."))


@require_POST
@role_required(Role.OPERATOR)
def job_cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    """POST …/cancellation: stop the job."""
    job = services.cancel(job=get_object_or_404(Job, pk=pk), actor=Actor.of(request.user))
    return _answer(request, job, _("Job cancelled."))


@require_POST
@role_required(Role.ADMINISTRATOR)
def schedule_pause(request: HttpRequest, name: str) -> HttpResponse:
    """POST …/pause: pause or resume a schedule."""
    is_paused = periodic.toggle_schedule(name=name, user_id=request.user.pk)
    messages.success(
        request, _("%(name)s is paused.") % {"name": name} if is_paused else _("%(name)s resumed.") % {"name": name}
    )
    return redirect("jobs:list")


@require_POST
@role_required(Role.ADMINISTRATOR)
def schedule_runs(request: HttpRequest, name: str) -> HttpResponse:
    """POST …/runs: run a schedule now."""
    periodic.run_schedule_now(name=name)
    messages.success(request, _("%(name)s started.") % {"name": name})
    return redirect("jobs:list")


def _answer(request: HttpRequest, job: Job, sentence: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return render(request, "jobs/_job.html", {"job": job})
    messages.success(request, sentence)
    return redirect("jobs:list")
