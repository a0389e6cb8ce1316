"""Where typed errors become answers for pages and HTMX fragments; `core.rest.problems` does it for the API."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.functional import SimpleLazyObject
from django.views import defaults
from django_htmx.http import HttpResponseClientRedirect

from outreach.core.availability import is_away, unavailable
from outreach.core.errors import OutreachError
from outreach.core.navigation import navigation
from outreach.core.rest.problems import status_of


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 when the database went away in between. Under /api/ `core.rest.problems` retells it."""
    return unavailable(request) if is_away(sys.exc_info()[1]) else defaults.server_error(request)


class ErrorMiddleware:
    """Shows a typed error that a page did not catch as a plain sentence instead of a stack trace, and refuses a NUL in
    the address, which no text in the database can hold.

    To HTMX the sentence also goes in the header `X-Problem`, which the page shows as a toast; and a redirect to the
    login page (the session ended) becomes one of the whole page instead of a login form inside a fragment.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_page = not request.path_info.startswith("/api/")  # where `core.rest.contract` names the fault
        if is_page and "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")
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
