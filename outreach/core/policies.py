"""Content security policies: ours on every page, a wider one for vendors' pages that need it; none allows third-party hosts."""

from __future__ import annotations

from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
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


def _directives(path: str) -> dict[str, Any] | None:
    policies: dict[str, dict[str, Any]] = settings.CONTENT_SECURITY_POLICIES
    return next((directives for prefix, directives in policies.items() if path.startswith(prefix)), None)
