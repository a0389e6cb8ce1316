"""What changed, told to the browsers that are looking: server-sent events at `/live/`.

A browser that comes back names the last event it saw and gets what it missed. Told is that something changed, never
what is in it: pages ask for that with their own rights.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from outreach.access.models import User
from outreach.access.roles import Role
from outreach.events.feed import FEED, MAX_WAITING, Listener, in_thread, newest, read

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

PATH = "/live/"
KEEP_ALIVE_SECONDS = 20
LIFETIME_SECONDS = 600
"""Then the browser connects again, and its session and role are looked at again."""
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


@login_not_required
@require_safe
def unavailable(request: HttpRequest) -> HttpResponse:
    """The stream's address on a server without ASGI: the browser does not ask again, and pages go on polling."""
    return HttpResponse(status=204)


def viewer(scope: Scope) -> User | None:
    """Who is signed in by the cookie of a request, if they may look at pages."""
    cookies: SimpleCookie = SimpleCookie(header(scope, b"cookie"))
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    if found is None:
        return None
    request = HttpRequest()
    request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(found.value)
    user = get_user(request)
    return user if isinstance(user, User) and user.has_role(Role.VIEWER) else None


def header(scope: Scope, name: bytes) -> str:
    return next((bytes(value).decode("latin-1") for key, value in scope["headers"] if key == name), "")


def asked(scope: Scope, name: str) -> str:
    """A parameter of the address."""
    return parse_qs(bytes(scope.get("query_string", b"")).decode("latin-1")).get(name, [""])[0]


def last_seen(scope: Scope) -> str:
    """The last event that a client saw: it says so when it comes back; a tab that takes over from another asks so."""
    return header(scope, b"last-event-id") or asked(scope, "after")


def lifetime() -> float:
    """When a connection that begins now ends; not all at once."""
    return time.monotonic() + LIFETIME_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


async def refuse(send: Send, status: int) -> None:
    """Answer with a status and nothing else."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of the stream."""
    user = await in_thread(viewer, scope) if scope["method"] == "GET" else None
    if user is None:
        await refuse(send, 403)
        return
    listener = Listener(user)
    closed = asyncio.ensure_future(gone(receive, "http.disconnect"))
    closed.add_done_callback(lambda _closed: listener.end())
    try:
        await FEED.add(listener)
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        await write(send, b"retry: 2000\n\n" + await in_thread(_missed, last_seen(scope), listener))
        await _stream(listener, send)
        await send({"type": "http.response.body"})
    except OSError:
        pass  # the browser went away
    finally:
        FEED.listeners.discard(listener)
        closed.cancel()


async def _stream(listener: Listener, send: Send) -> None:
    end = lifetime()
    while time.monotonic() < end:
        try:
            news = await listener.next(KEEP_ALIVE_SECONDS)
        except TimeoutError:
            await write(send, b": still here\n\n")
            continue
        if news is None:
            return
        await write(send, news.for_browser)
        if listener.is_behind and listener.waiting.empty():
            listener.is_behind = False
            await write(send, b"event: many\ndata: {}\n\n")


async def gone(receive: Receive, kind: str) -> None:
    """Wait until the other side is gone."""
    while (await receive())["type"] != kind:
        pass


async def write(send: Send, lines: bytes) -> None:
    """A piece of a stream."""
    await send({"type": "http.response.body", "body": lines, "more_body": True})


def _missed(last_id: str, listener: Listener) -> bytes:
    """What a browser that comes back has not seen; that much changed, when it was too much."""
    place = max(newest(1), default=0)
    if not last_id.isdecimal():
        return f"id: {place}\nevent: ready\ndata: {{}}\n\n".encode()
    found = read(int(last_id[:18]), limit=MAX_WAITING)
    if len(found) >= MAX_WAITING:
        return f"id: {place}\nevent: many\ndata: {{}}\n\n".encode()
    return b"".join(news.for_browser for news in found if listener.wants(news))
