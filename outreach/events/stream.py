"""Events for programs as they happen: server-sent events at `/api/v1/events/stream/`, a WebSocket at `…/socket/`.

The same events as webhooks tell, in the same form, to whom the API knows; `?types=reply.*,lead.created` chooses. A
client that comes back names the last event it saw (`Last-Event-ID`, or `?after=`) and gets everything since then from
the log, perhaps some of it twice. One that does not keep up is disconnected and comes back the same way.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenError

from outreach.access.authentication import ApiKeyAuthentication, TokenAuthentication
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.errors import Refused
from outreach.core.rest.problems import CONTENT_TYPE, problem_of
from outreach.core.rest.views import APIView
from outreach.core.words import gettext as _
from outreach.events import kinds
from outreach.events.feed import BATCH, FEED, Listener, News, in_thread, newest, place_before, read
from outreach.events.live import (
    KEEP_ALIVE_SECONDS,
    STREAM_HEADERS,
    Receive,
    Scope,
    Send,
    asked,
    gone,
    header,
    last_seen,
    lifetime,
    refuse,
    viewer,
    write,
)

PATH = "/api/v1/events/stream/"
SOCKET_PATH = "/api/v1/events/socket/"
AWAY, TRY_AGAIN, FORBIDDEN = 1001, 1013, 4403
"""Codes with which a socket is closed: the server stops or the connection is old; too slow; not allowed."""


@dataclass(eq=False)
class Follower(Listener):
    """A program that follows kinds of events."""

    def wants(self, news: News) -> bool:
        """Whether it asked for this kind and may see it."""
        return news.kind in self.told


def caller(scope: Scope) -> User | None:
    """Whom the API knows by the key or token of a request, or by the session of our own pages."""
    request = HttpRequest()
    request.META["HTTP_AUTHORIZATION"] = header(scope, b"authorization")
    if not request.META["HTTP_AUTHORIZATION"]:
        return viewer(scope) if _is_from_here(scope) else None
    for scheme in (ApiKeyAuthentication(), TokenAuthentication()):
        try:
            found: Any = scheme.authenticate(Request(request))
        except (AuthenticationFailed, TokenError):
            return None
        if found:
            user: User = found[0]
            return user if user.has_role(Role.VIEWER) else None
    return None


def _is_from_here(scope: Scope) -> bool:
    """No page of another site may open a socket with our user's cookie."""
    origin = header(scope, b"origin")
    return not origin or urlsplit(origin).netloc == header(scope, b"host")


def follower_of(user: User, types: str) -> Follower:
    """Who follows the kinds that `types` names, as far as the user's role allows; everything when it names none."""
    patterns = [pattern.strip() for pattern in types.split(",") if pattern.strip()] or [kinds.EVERYTHING]
    return Follower(user, told=frozenset(kind.name for kind in kinds.chosen(patterns) if user.has_role(kind.role)))


def mistaken(scope: Scope) -> str:
    """What is wrong with the parameters of an address, as a sentence; a stream of nothing would hide a typing error."""
    for pattern in filter(None, map(str.strip, asked(scope, "types").split(","))):
        if not kinds.chosen([pattern]):
            return _("There is no event “%(name)s”.") % {"name": pattern[:100]}
    after = asked(scope, "after")
    return _("Provide a whole number.") if after and not after.isdecimal() else ""


async def _refuse(scope: Scope, send: Send, status: int, code: str, detail: str) -> None:
    """Answer as the rest of the API does."""
    body = json.dumps(problem_of(status, code, detail, scope["path"])).encode()
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _page(after: int, follower: Follower) -> tuple[list[News], int | None]:
    """A page of what was missed, and where the next one begins; None after the last."""
    found = read(after, told=follower.told)
    return [news for news in found if follower.wants(news)], found[-1].id if len(found) >= BATCH else None


async def follow(follower: Follower, last: str) -> AsyncIterator[News | None]:
    """Everything since `last`, then what happens; None when nothing happened for a while. Ends when it falls behind.

    The follower listens already, so that nothing falls between the two.
    """
    told: set[int] = set()  # of the newest pages: the feed brings these once more
    place: int | None = await in_thread(place_before, int(last[:18])) if last.isdecimal() else None
    while place is not None:
        found, place = await in_thread(_page, place, follower)
        told = {news.id for news in found} | (told if len(told) < 2 * BATCH else set())
        for news in found:
            yield news
        if place is not None:
            _drain(follower)  # it will be read from the log
    end = lifetime()
    while time.monotonic() < end and not (follower.is_behind and follower.waiting.empty()):
        try:
            news = await follower.next(KEEP_ALIVE_SECONDS)
        except TimeoutError:
            yield None
            continue
        if news is None:
            return
        if news.id not in told:
            yield news


def _drain(follower: Follower) -> None:
    while not follower.waiting.empty():
        follower.waiting.get_nowait()
    follower.is_behind = False


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of the stream."""
    user = await in_thread(caller, scope)
    if user is None:
        await _refuse(
            scope, send, 401, "not_authenticated", _("Send an API key or a token, as for the rest of the API.")
        )
        return
    if scope["method"] != "GET":
        await refuse(send, 405)
        return
    if sentence := mistaken(scope):
        await _refuse(scope, send, 400, "invalid", sentence)
        return
    follower = follower_of(user, asked(scope, "types"))

    async def tell() -> None:
        await FEED.add(follower)
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        await write(send, f": event {await in_thread(_newest)}\nretry: 2000\n\n".encode())
        async for news in follow(follower, last_seen(scope)):
            await write(send, b": still here\n\n" if news is None else news.for_stream)
        await send({"type": "http.response.body"})

    await _until_gone(tell(), gone(receive, "http.disconnect"), follower)


async def serve_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of the socket: one JSON text a message; what the client sends is not read."""
    await receive()
    user = await in_thread(caller, scope)
    if user is None or mistaken(scope):
        await send({"type": "websocket.close", "code": FORBIDDEN})
        return
    follower = follower_of(user, asked(scope, "types"))

    async def tell() -> None:
        await FEED.add(follower)
        await send({"type": "websocket.accept"})
        async for news in follow(follower, asked(scope, "after")):
            if news is not None:
                await send({"type": "websocket.send", "text": news.for_program})
        await send({"type": "websocket.close", "code": TRY_AGAIN if follower.is_behind else AWAY})

    await _until_gone(tell(), gone(receive, "websocket.disconnect"), follower)


async def _until_gone(telling: Any, going: Any, follower: Follower) -> None:
    """Tell until there is nothing more to tell, or the other side is gone."""
    tasks = [asyncio.ensure_future(telling), asyncio.ensure_future(going)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        FEED.listeners.discard(follower)
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await tasks[0]


def _newest() -> int:
    return max(newest(1), default=0)


class EventStreamView(APIView):
    """GET /api/v1/events/stream/ as the schema shows it; the ASGI server answers before Django is asked."""

    @extend_schema(
        parameters=[
            OpenApiParameter("types", str, description="Kinds, separated by commas: `reply.*,lead.created`"),
            OpenApiParameter("after", int, description="The last event seen, as in `Last-Event-ID`"),
        ],
        responses={(200, "text/event-stream"): OpenApiResponse(OpenApiTypes.STR)},
        summary="Follow events as they happen",
        tags=["events"],
    )
    def get(self, request: Request) -> Response:
        """Server-sent events: `id`, `event` (the type) and `data`, the same JSON that webhooks send."""
        raise Refused("Streams need the ASGI server (uvicorn outreach.asgi:application).", code="no_stream")


__all__ = ["PATH", "SOCKET_PATH", "EventStreamView", "serve", "serve_socket"]
