"""Health, metrics and the operations page."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.backups import services as backups
from outreach.core.audit import record
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.jobs import heartbeats
from outreach.jobs.models import Heartbeat
from outreach.jobs.selectors import lane_rows
from outreach.ops import health, machine, metrics, selectors
from outreach.ops.models import Alert


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": "live"})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Database and migrations are in order; lanes are reported."""
    rows = health.findings()
    is_ready = health.is_ready(rows)
    return JsonResponse(
        {"status": "ready" if is_ready else "not ready", "checks": [asdict(row) for row in rows]},
        status=200 if is_ready else 503,
    )


@require_safe
@role_required(Role.VIEWER)
def deep(request: HttpRequest) -> HttpResponse:
    """Everything that is watched; 503 while any of it fails."""
    rows = [*health.findings(), *health.watched()]
    is_well = all(row.is_well for row in rows)
    return JsonResponse(
        {"status": "well" if is_well else "not well", "checks": [asdict(row) for row in rows]},
        status=200 if is_well else 503,
    )


@require_safe
@role_required(Role.OPERATOR)
def operations(request: HttpRequest) -> HttpResponse:
    """GET /operations/"""
    context = {
        "alerts": Alert.objects.all(),
        "lanes": lane_rows(),
        "others": [beat for beat in heartbeats.beats() if not beat.name.startswith("lane:")],
        "numbers": selectors.numbers(),
        "running": selectors.running_queries(),
        "slow": selectors.slow_queries(),
        "machine": machine.look(),
        "has_key": backups.has_key(),
        "backups": backups.newest(3),
        "release": backups.release(),
    }
    return render(request, "ops/operations.html", context)


@require_POST
@role_required(Role.OPERATOR)
def process_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """POST …/removal/: forget a process that went silent, because its machine is gone for good."""
    beat = get_object_or_404(Heartbeat, pk=pk)
    if not Heartbeat.objects.silent(timedelta(seconds=heartbeats.SILENT_SECONDS)).filter(pk=pk).delete()[0]:
        raise Refused(_("This process is alive."))
    record("heartbeat.removed", subject=beat, actor=Actor.of(request.user), data={"name": beat.name, "host": beat.host})
    messages.success(request, _("%(name)s on %(host)s is forgotten.") % {"name": beat.name, "host": beat.host})
    return redirect("operations")


@require_safe
@role_required(Role.VIEWER)
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Figures in Prometheus' text format."""
    text, content_type = metrics.exposition()
    return HttpResponse(text, content_type=content_type)
