"""The pixel and the redirect. Public; they tell nothing about the message and lead only where its sender linked."""

from __future__ import annotations

import base64

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversations.tracking import services
from conversations.tracking.models import TrackedLink

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent pixel."""


@never_cache
@login_not_required
@require_safe
def pixel(request: HttpRequest, token: str) -> HttpResponse:
    """Always the same picture, whether or not the token is valid."""
    found = services.read_token(token)
    if found is not None and found[1] is None:
        _keep(request, found[0], None)
    return HttpResponse(GIF, content_type="image/gif")


@never_cache
@login_not_required
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """To the address that was stored when the message left; a page with status 404 for anything else."""
    found = services.read_token(token)
    stored = services.link_of(found[0], found[1]) if found and found[1] is not None else None
    if stored is None:
        return render(request, "conversations/tracking/gone.html", status=404)
    _keep(request, stored.message_id, stored)
    answer = HttpResponseRedirect(stored.url)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _keep(request: HttpRequest, message_id: int, stored: TrackedLink | None) -> None:
    services.keep_hit(
        message_id=message_id,
        link=stored,
        method=request.method or "",
        user_agent=request.headers.get("User-Agent", ""),
    )
