"""What browsers are told: HTTPS only, and content security policies. Ours on every page, a wider one for vendors' pages that need it; none allows third-party hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """`settings.CONTENT_SECURITY_POLICIES` maps path prefixes to directives that replace the default ones."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and parts.config is None:
            parts.config = _directives(request.path_info)
        return parts


class HttpsMiddleware:
    """Sends a visitor whom the proxy received without TLS to the public https address.

    Only when the proxy says so: one that says nothing must not end in a loop, and neither must a health check on the
    machine itself. Hence not Django's `SECURE_SSL_REDIRECT`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        public = str(settings.PUBLIC_BASE_URL).rstrip("/")
        if public.startswith("https://") and request.headers.get("X-Forwarded-Proto") == "http":
            return HttpResponsePermanentRedirect(public + request.get_full_path())
        return self.get_response(request)


def _directives(path: str) -> dict[str, Any] | None:
    policies: dict[str, dict[str, Any]] = settings.CONTENT_SECURITY_POLICIES
    return next((directives for prefix, directives in policies.items() if path.startswith(prefix)), None)
