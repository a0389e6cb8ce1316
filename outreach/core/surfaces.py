"""Where typed errors become answers: one translation for pages, HTMX fragments and the API."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.views import defaults
from django_htmx.http import HttpResponseClientRedirect
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from outreach.core.availability import is_away, unavailable
from outreach.core.errors import Invalid, OutreachError, Permanent, Refused, Retryable
from outreach.core.navigation import navigation

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
    """DRF's exception handler with typed errors added. Every API error has `code` and `detail`.

    Bad input has `field` (one fault) or `fields` (sentences by field) besides.
    """
    if isinstance(error, OutreachError):
        headers = {"Retry-After": str(int(error.after.total_seconds()))} if isinstance(error, Retryable) else None
        set_rollback()
        return Response(as_problem(error), status=status_of(error), headers=headers)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        fields = response.data if isinstance(response.data, dict) else {"": response.data}
        response.data = {"code": "invalid", "detail": _first_sentence(fields), "fields": fields}
    elif isinstance(response.data, dict):
        detail = response.data.get("detail", "")
        code = getattr(detail, "code", None) or getattr(error, "default_code", "error")
        response.data = {"code": str(response.data.get("code", code)), "detail": str(detail)}
    return response


def _first_sentence(fields: Any) -> str:
    if isinstance(fields, dict):
        name, faults = next(iter(fields.items()), ("", ""))
        sentence = _first_sentence(faults)
        return sentence if name in {"", "non_field_errors"} else f"{name}: {sentence}"
    if isinstance(fields, list):
        return _first_sentence(fields[0]) if fields else ""
    return str(fields)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: JSON under /api/, a page elsewhere."""
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "not_found", "detail": gettext("Nothing was found at this address.")}, status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: JSON under /api/, a page elsewhere; the log has the rest. 503 when the database went away in between."""
    if is_away(sys.exc_info()[1]):
        return unavailable(request)
    if request.path.startswith("/api/"):
        return JsonResponse(
            {"code": "server_error", "detail": gettext("Something went wrong on our side. The error has been logged.")},
            status=500,
        )
    return defaults.server_error(request)


class ErrorMiddleware:
    """Shows a typed error that a page did not catch as a plain sentence instead of a stack trace.

    To HTMX the sentence also goes in the header `X-Problem`, which the page shows as a toast; and a redirect to the
    login page (the session ended) becomes one of the whole page instead of a login form inside a fragment.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OutreachError):
            return None
        is_fragment = getattr(request, "htmx", False)
        template = "core/_error.html" if is_fragment else "core/error.html"
        response = render(request, template, {"error": error}, status=status_of(error))
        if is_fragment:
            response["X-Problem"] = quote(error.reason)
        return response


class SessionEndMiddleware:
    """Stands before authentication: an HTMX request that would be sent to the login page takes the whole page there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        login = resolve_url(settings.LOGIN_URL)
        if (
            request.headers.get("HX-Request") == "true"
            and response.status_code == 302
            and response["Location"].partition("?")[0] == login
        ):
            page = request.headers.get("HX-Current-URL", "")
            path = "/" + page.split("://", 1)[-1].partition("/")[2]
            return HttpResponseClientRedirect(f"{login}?next={quote(path)}")
        return response


def product(request: HttpRequest) -> dict[str, Any]:
    """Context of every page."""
    user = getattr(request, "user", None)
    is_signed_in = bool(user and user.is_authenticated)
    return {
        "is_demo": settings.DEMO,
        "product_name": "Outreach",
        "is_signed_in": is_signed_in,
        "navigation": SimpleLazyObject(lambda: navigation(request)) if is_signed_in else None,
        "theme": getattr(user, "theme", "") if is_signed_in else "",
    }
