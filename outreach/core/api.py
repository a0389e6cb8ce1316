"""The root of the API: an index of its resources and the documentation page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from outreach.core.rest.views import APIView


class ApiDocsView(SpectacularSwaggerSplitView):
    """Swagger from the sidecar: no third-party host, no inline script."""

    url_name = "api-schema"
    template_name = "core/api_docs.html"


class IndexView(APIView):
    """GET /api/v1/: the address of every resource."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        paths = sorted({p for p in _paths(get_resolver().url_patterns) if p.startswith("api/v1/") and "<" not in p})
        nouns = {path.removeprefix("api/v1/").strip("/"): request.build_absolute_uri(f"/{path}") for path in paths}
        nouns.pop("", None)
        documents = {"docs": "/api/docs/", "schema": "/api/schema/"}
        return Response({"nouns": nouns, **{k: request.build_absolute_uri(v) for k, v in documents.items()}})


def _paths(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for entry in patterns:
        route = str(entry.pattern).removeprefix("^").replace("\\Z", "").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from _paths(entry.url_patterns, prefix + route)
        elif isinstance(entry, URLPattern) and "(" not in route and "\\" not in route:
            yield prefix + route
