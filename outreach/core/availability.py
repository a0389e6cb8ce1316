"""Whether the database answers, and what visitors see while it does not: 503 within two seconds, and a retry."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import quote

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation

from outreach.core.words import gettext

POOL_WAIT_SECONDS = 1.5
"""How long a request waits for a connection while no other request gets one."""
BUSY_WAITS = 12
"""So often it waits again while others do get theirs: the database is busy, not away."""
RETRY_SECONDS = 5
AWAY = ("08", "57P", "53300", "25006")
"""SQLSTATEs of a server that is gone, going, not up yet, full, or no longer the primary."""
UNGUARDED = ("/health/", "/static/")

_last_connected_at = 0.0


def is_away(error: BaseException | None) -> bool:
    """Whether `error` means that the database cannot be reached, rather than that a statement failed."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    return str(state).startswith(AWAY)


def ensure_database() -> None:
    """Connect, waiting briefly for one of the pool. Raises `OperationalError` when the database is away."""
    global _last_connected_at
    for tries_left in reversed(range(BUSY_WAITS)):
        started_at = time.monotonic()
        try:
            connection.ensure_connection()
        except OperationalError:
            if _last_connected_at < started_at or not tries_left:
                raise
        else:
            _last_connected_at = time.monotonic()
            return


def sentence(error: BaseException) -> str:
    """For the command line: why the database does not answer, and what to do."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"The database doesn't answer: {lines[0].rstrip('.')}. Check that it runs, and DATABASE_URL if it is set."


class DatabaseMiddleware:
    """Answers 503 at once, instead of failing somewhere inside a page, while the database is away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(UNGUARDED):
            try:
                ensure_database()
            except OperationalError:
                with translation.override(translation.get_language_from_request(request)):
                    return unavailable(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return unavailable(request) if is_away(error) else None


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: JSON for programs, a plain page that needs no database for people."""
    reason = gettext("The database isn't responding. Nothing was lost; try again in a few seconds.")
    response: HttpResponse
    if request.path.startswith(("/api/", "/health/")):
        response = JsonResponse({"code": "database_away", "detail": reason}, status=503)
    elif request.headers.get("HX-Request"):
        response = HttpResponse(status=503, headers={"X-Problem": quote(reason)})
    else:
        response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
