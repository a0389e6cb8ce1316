"""Where typed errors become answers: one translation for pages, HTMX fragments and the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from outreach.core.errors import Invalid, OutreachError, Permanent, Refused, Retryable

STATUS = {Invalid: 400, Refused: 409, Retryable: 503, Permanent: 422}


def status_of(error: OutreachError) -> int:
    """The HTTP status of a typed error."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


def as_problem(error: OutreachError) -> dict[str, Any]:
    """The API's error body: `code`, `detail` and, for bad input, `field`."""
    problem: dict[str, Any] = {"code": error.code, "detail": error.reason}
    if isinstance(error, Invalid) and error.field:
        problem["field"] = error.field
    return problem


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler, with typed errors added."""
    if isinstance(error, OutreachError):
        headers = {"Retry-After": str(int(error.after.total_seconds()))} if isinstance(error, Retryable) else None
        return Response(as_problem(error), status=status_of(error), headers=headers)
    return exception_handler(error, context)


class ErrorMiddleware:
    """Shows a typed error that a page let through as a plain sentence instead of a stack trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OutreachError):
            return None
        template = "core/_error.html" if getattr(request, "htmx", False) else "core/error.html"
        return render(request, template, {"error": error}, status=status_of(error) or status.HTTP_400_BAD_REQUEST)


def product(request: HttpRequest) -> dict[str, Any]:
    """Context of every page."""
    return {"is_demo": settings.DEMO, "product_name": "Outreach"}
