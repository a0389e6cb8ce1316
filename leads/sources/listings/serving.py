"""Serves the sandbox site of listings from the product's own web server, in the demo world only."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from leads.sources.listings import sandbox_site


class SandboxSiteMiddleware:
    """Answers requests for `*.classifieds.example`, a name that no real site can have; lets all others through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = request.META.get("HTTP_HOST", "").partition(":")[0].lower()
        if host != sandbox_site.DOMAIN and not host.endswith(f".{sandbox_site.DOMAIN}"):
            return self.get_response(request)
        answer = sandbox_site.respond(host, request.get_full_path())
        return HttpResponse(answer.body, status=answer.status, content_type=answer.media_type)
