"""What changed, told to the browsers that are looking: server-sent events at `/live/`, from one task a process.

A connection costs a socket and a queue: no thread and no database connection of its own, so a thousand of them leave
the web's threads alone. One task reads the new rows of the event table, while anyone listens at all, and hands each to
those who may see it. A browser that comes back names the last event it saw and gets what it missed.

Told is that something changed, never what is in it: pages ask for that with their own rights.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.registry import Point
from outreach.events.models import Event

logger = structlog.get_logger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

PATH = "/live/"
TICK_SECONDS = 0.2
OVERLAP_SECONDS = 5
"""An event gets its number before it commits: so long back is looked for numbers that turn up late."""
KEEP_ALIVE_SECONDS = 20
LIFETIME_SECONDS = 600
"""Then the browser connects again, and its session and role are looked at again."""
BATCH = 500
MAX_WAITING = 200
"""What a connection that does not read may have waiting, and what one that comes back is told one by one."""


@dataclass(frozen=True)
class Topic:
    """One kind of domain event that pages follow: `name` is the browser's, `key` the id in the payload that it gets."""

    kind: str
    name: str
    key: str
    role: str = Role.VIEWER
    user_key: str = ""
    """The payload's user who alone is told."""


TOPICS: Point[Topic] = Point("live topics")


@dataclass(frozen=True)
class News:
    """One event as a browser gets it."""

    id: int
    topic: Topic
    key: int
    user_id: int | None = None

    def may_see(self, user: User) -> bool:
        """Whether `user` is told of it."""
        return user.pk == self.user_id if self.topic.user_key else user.has_role(self.topic.role)

    def encoded(self) -> bytes:
        """The lines of the stream."""
        data = json.dumps({"id": self.key, "kind": self.topic.kind})
        return f"id: {self.id}\nevent: {self.topic.name}\ndata: {data}\n\n".encode()


def _news(rows: Iterable[tuple[int, str, dict[str, Any]]]) -> list[News]:
    topics = {topic.kind: topic for topic in TOPICS.entries()}
    return [
        News(pk, topic, int(payload.get(topic.key) or 0), payload.get(topic.user_key) if topic.user_key else None)
        for pk, kind, payload in rows
        for topic in [topics[kind]]
    ]


@require_safe
def unavailable(request: HttpRequest) -> HttpResponse:
    """The stream's address on a server without ASGI: the browser does not ask again, and pages go on polling."""
    return HttpResponse(status=204)


def newest(count: int) -> list[int]:
    """The numbers of the last events."""
    return list(Event.objects.order_by("-pk").values_list("pk", flat=True)[:count])


def read(after: int, *, seen: Iterable[int] = (), limit: int = BATCH) -> list[News]:
    """What pages follow of the events after a number, oldest first, without those seen."""
    kinds = [topic.kind for topic in TOPICS.entries()]
    rows = Event.objects.filter(pk__gt=after, kind__in=kinds).exclude(pk__in=list(seen)).order_by("pk")
    return _news(rows.values_list("pk", "kind", "payload")[:limit])


@dataclass(eq=False)
class Listener:
    """One open connection."""

    user: User
    waiting: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))
    is_behind: bool = False

    def tell(self, news: News) -> None:
        """Queue what they may see; who does not keep up is told once that much changed."""
        if not news.may_see(self.user):
            return
        try:
            self.waiting.put_nowait(news.encoded())
        except asyncio.QueueFull:
            self.is_behind = True


@dataclass
class Feed:
    """The task of this process that reads events, and who listens to it."""

    listeners: set[Listener] = field(default_factory=set)
    floor: int = 0
    seen: dict[int, float] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def add(self, listener: Listener) -> None:
        """Begin to tell everything from now on; the first listener starts the reading."""
        self.listeners.add(listener)
        if self.task is None or self.task.done():
            self.ready, self.task = asyncio.Event(), asyncio.create_task(self._run())
        await self.ready.wait()

    def close(self) -> None:
        """End all connections, from any thread: the server stops."""
        if self.task is not None and not self.task.done():
            self.task.get_loop().call_soon_threadsafe(self._end)

    def _end(self) -> None:
        for listener in self.listeners:
            with contextlib.suppress(asyncio.QueueFull):
                listener.waiting.put_nowait(None)

    async def _run(self) -> None:
        while self.listeners:
            try:
                if not self.ready.is_set():
                    await self._begin()
                for news in await in_thread(read, self.floor, seen=tuple(self.seen)):
                    self.seen[news.id] = time.monotonic()
                    for listener in tuple(self.listeners):
                        listener.tell(news)
            except DatabaseError:
                logger.warning("live.database_away")
                await asyncio.sleep(2)
            self._forget()
            await asyncio.sleep(TICK_SECONDS)

    async def _begin(self) -> None:
        past = await in_thread(newest, BATCH)
        self.floor, self.seen = min(past, default=1) - 1, dict.fromkeys(past, time.monotonic())
        self.ready.set()

    def _forget(self) -> None:
        settled = [pk for pk, at in self.seen.items() if at < time.monotonic() - OVERLAP_SECONDS]
        for pk in settled:
            del self.seen[pk]
        self.floor = max([self.floor, *settled])


FEED = Feed()


async def in_thread(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run what asks the database in a thread that gives its connection back."""

    def run() -> Any:
        try:
            return work(*args, **kwargs)
        finally:
            if not connection.in_atomic_block:
                connection.close()

    return await asyncio.to_thread(run)


def viewer(scope: Scope) -> User | None:
    """Who is signed in by the cookie of a request, if they may look at pages."""
    cookies: SimpleCookie = SimpleCookie(_header(scope, b"cookie"))
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    if found is None:
        return None
    request = HttpRequest()
    request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(found.value)
    user = get_user(request)
    return user if isinstance(user, User) and user.has_role(Role.VIEWER) else None


def _header(scope: Scope, name: bytes) -> str:
    return next((bytes(value).decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _last_seen(scope: Scope) -> str:
    """The last event that a browser saw: it says so when it comes back; a tab that takes over from another asks so."""
    asked = parse_qs(bytes(scope.get("query_string", b"")).decode("latin-1")).get("after", [""])
    return _header(scope, b"last-event-id") or asked[0]


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of the stream."""
    user = await in_thread(viewer, scope) if scope["method"] == "GET" else None
    if user is None:
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})
        return
    listener = Listener(user)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await FEED.add(listener)
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _send(send, b"retry: 2000\n\n" + await in_thread(_missed, _last_seen(scope), user))
        await _stream(listener, send, gone)
        await send({"type": "http.response.body"})
    except OSError:
        pass  # the browser went away
    finally:
        FEED.listeners.discard(listener)
        gone.cancel()


async def _stream(listener: Listener, send: Send, gone: asyncio.Future[None]) -> None:
    end = time.monotonic() + LIFETIME_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 - not all at once
    while time.monotonic() < end:
        following = asyncio.ensure_future(listener.waiting.get())
        awaited: set[asyncio.Future[Any]] = {following, gone}
        await asyncio.wait(awaited, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            following.cancel()
            return
        if not following.done():
            following.cancel()
            await _send(send, b": still here\n\n")
        elif (lines := following.result()) is None:
            return
        else:
            await _send(send, lines)
            if listener.is_behind and listener.waiting.empty():
                listener.is_behind = False
                await _send(send, b"event: many\ndata: {}\n\n")


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, lines: bytes) -> None:
    await send({"type": "http.response.body", "body": lines, "more_body": True})


def _missed(last_id: str, user: User) -> bytes:
    """What a browser that comes back has not seen; that much changed, when it was too much."""
    place = max(newest(1), default=0)
    if not last_id.isdecimal():
        return f"id: {place}\nevent: ready\ndata: {{}}\n\n".encode()
    found = read(int(last_id[:18]), limit=MAX_WAITING)
    if len(found) >= MAX_WAITING:
        return f"id: {place}\nevent: many\ndata: {{}}\n\n".encode()
    return b"".join(news.encoded() for news in found if news.may_see(user))
