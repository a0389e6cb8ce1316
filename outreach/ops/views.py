"""Health and metrics endpoints."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.ops import health, metrics


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
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Figures in Prometheus' text format."""
    text, content_type = metrics.exposition()
    return HttpResponse(text, content_type=content_type)
