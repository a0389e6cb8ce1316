"""Pages that only read, read from a streaming replica where `DATABASE_REPLICA_URL` names one.

Whoever changed something sees it: their browser remembers how far the log of the primary had come, and the replica is
asked only once it has come as far. A replica that is away, no replica any more, or half a minute behind is not asked.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.http import HttpRequest, HttpResponse

logger = structlog.get_logger(__name__)

ALIAS = "replica"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
SINCE = "since"
SINCE_SECONDS = 300
PLACE = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")
AVOIDED_SECONDS = 30.0
"""A replica that did not answer is not asked again for so long: each try would take two seconds."""
IS_CURRENT = """
    SELECT pg_is_in_recovery() AND pg_last_xact_replay_timestamp() > now() - interval '30 seconds'
       AND coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, true)
"""
"""Every process that works beats every ten seconds, so the log of the primary is never older than that."""

_avoided_until = 0.0


def reads_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For a page that changes nothing. What it wants to write after all, it does on the primary, in a second run."""

    @wraps(view)
    def read(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if request.method not in SAFE or not _may_answer(request.COOKIES.get(SINCE)):
            return view(request, *arguments, **named)
        primary = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = connections[ALIAS]
        try:
            return view(request, *arguments, **named)
        except DatabaseError as error:
            logger.warning("the replica could not answer", path=request.path, error=str(error).strip())
        finally:
            connections[DEFAULT_DB_ALIAS] = primary
        return view(request, *arguments, **named)

    return read


def _may_answer(since: str | None) -> bool:
    """Whether there is a replica that has everything up to `since`, a place in the primary's log."""
    global _avoided_until
    if ALIAS not in settings.DATABASES or time.monotonic() < _avoided_until:
        return False
    try:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(IS_CURRENT, [since if since and PLACE.fullmatch(since) else None])
            return bool(cursor.fetchone()[0])
    except DatabaseError as error:
        _avoided_until = time.monotonic() + AVOIDED_SECONDS
        logger.warning("the replica does not answer", error=str(error).strip())
        return False


class SinceMiddleware:
    """Remembers in the browser where the primary's log was after the last change of its user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            ALIAS in settings.DATABASES
            and request.method not in SAFE
            and settings.SESSION_COOKIE_NAME in request.COOKIES
        ):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
                (place,) = cursor.fetchone()
            response.set_cookie(
                SINCE, place, SINCE_SECONDS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
            )
        return response
