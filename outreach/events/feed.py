"""The task of a process that reads new events and hands each to those who listen: browsers, streams, sockets.

A connection costs a socket and a queue: no thread and no database connection of its own, so a thousand of them leave
the web's threads alone. The task runs while anyone listens at all. Each event is read once and written once for each
form in which it is told, however many are listening.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from typing import Any

import structlog
from django.db import DatabaseError, connection
from django.db.models import Min

from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.registry import Point
from outreach.events import kinds
from outreach.events.models import Event

logger = structlog.get_logger(__name__)

TICK_SECONDS = 0.05
OVERLAP_SECONDS = 5
"""An event gets its number before it commits: so long back is looked for numbers that turn up late."""
BATCH = 500
MAX_WAITING = 200
"""What a connection that does not read may have waiting, and what a browser that comes back is told one by one."""


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
    """One event, and the two forms in which it is told. `told` is made while the database is at hand."""

    id: int
    kind: str
    payload: dict[str, Any]
    topic: Topic | None = None
    told: dict[str, Any] | None = None

    @cached_property
    def for_browser(self) -> bytes:
        """That something changed, never what is in it: pages ask for that with their own rights."""
        assert self.topic is not None
        data = json.dumps({"id": int(self.payload.get(self.topic.key) or 0), "kind": self.kind})
        return f"id: {self.id}\nevent: {self.topic.name}\ndata: {data}\n\n".encode()

    @cached_property
    def for_program(self) -> str:
        """The event as JSON, as webhooks tell it."""
        return json.dumps(self.told, ensure_ascii=False)

    @cached_property
    def for_stream(self) -> bytes:
        """The lines of a stream for programs."""
        return f"id: {self.id}\nevent: {self.kind}\ndata: {self.for_program}\n\n".encode()


SILENCE = News(0, "", {})
"""In place of news: nothing was told for a while."""


def newest(count: int) -> list[int]:
    """The numbers of the last events."""
    return list(Event.objects.order_by("-pk").values_list("pk", flat=True)[:count])


def read(after: int, *, seen: Iterable[int] = (), limit: int = BATCH, told: frozenset[str] = frozenset()) -> list[News]:
    """What pages follow of the events after a number and what programs are `told`, oldest first, without those seen."""
    topics = {topic.kind: topic for topic in TOPICS.entries()}
    rows = Event.objects.filter(pk__gt=after, kind__in={*topics, *told}).exclude(pk__in=list(seen)).order_by("pk")
    return [
        News(row.pk, row.kind, row.payload, topics.get(row.kind), kinds.told(row) if row.kind in told else None)
        for row in rows[:limit]
    ]


def has_news(after: int, seen: Iterable[int], followed: Iterable[str]) -> bool:
    """Whether `read` would find anything of the kinds `followed`: asked many times a second, so in plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM events_event WHERE id > %s AND kind = ANY(%s) AND id <> ALL(%s::bigint[]))",
            [after, list(followed), list(seen)],
        )
        return bool(cursor.fetchone()[0])


def place_before(last: int) -> int:
    """Where one who saw event `last` goes on: a little before it, for what got its number earlier and came later."""
    at = Event.objects.filter(pk=last).values_list("at", flat=True).first()
    if at is None:
        return last
    near = Event.objects.filter(pk__gt=last - BATCH, pk__lt=last, at__gte=at - timedelta(seconds=OVERLAP_SECONDS))
    first: int | None = near.aggregate(first=Min("pk"))["first"]
    return last if first is None else first - 1


def disconnect() -> None:
    """Give back the connection of the thread in which this runs."""
    connection.close()


@dataclass(eq=False)
class Listener:
    """One open connection. What waits for it is bounded; `is_behind` is set when something had to be left out."""

    user: User
    waiting: asyncio.Queue[News | None] = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))
    is_behind: bool = False
    told: frozenset[str] = frozenset()
    """The kinds that a program is told; a browser follows topics."""
    past: frozenset[int] = frozenset()
    """Events from before it came, of kinds that nobody followed then, so that they are new to the feed."""

    def wants(self, news: News) -> bool:
        """Whether this browser is told of it."""
        topic = news.topic
        if topic is None:
            return False
        if topic.user_key:
            return bool(self.user.pk == news.payload.get(topic.user_key))
        return self.user.has_role(topic.role)

    def tell(self, news: News) -> None:
        """Queue what they may see and asked for."""
        if news.id in self.past or not self.wants(news):
            return
        try:
            self.waiting.put_nowait(news)
        except asyncio.QueueFull:
            self.is_behind = True

    async def next(self, seconds: float) -> News | None:
        """What is told next; None when the connection ends. Raises `TimeoutError` when nothing was told for so long."""
        if not self.waiting.empty():
            return self.waiting.get_nowait()
        timer = asyncio.get_running_loop().call_later(seconds, self._notice_silence)  # asyncio.timeout costs ten times
        try:
            news = await self.waiting.get()
        finally:
            timer.cancel()
        if news is SILENCE:
            raise TimeoutError
        return news

    def _notice_silence(self) -> None:
        if self.waiting.empty():
            self.waiting.put_nowait(SILENCE)

    def end(self) -> None:
        """The server stops, or the other side is gone: nobody waits for what is still to be told."""
        if self.waiting.full():
            self.waiting.get_nowait()
        self.waiting.put_nowait(None)


@dataclass
class Feed:
    """The task of this process that reads events, and who listens to it."""

    listeners: set[Listener] = field(default_factory=set)
    told: frozenset[str] = frozenset()
    """The kinds that any program is told, or was since the task runs."""
    floor: int = 0
    seen: dict[int, float] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    thread: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, 1, "events"))

    async def add(self, listener: Listener) -> None:
        """Begin to tell everything from now on; the first listener starts the reading."""
        if self.task is not None and not self.task.done():
            listener.past = frozenset(await in_thread(newest, BATCH))
        self.listeners.add(listener)
        self.told |= listener.told
        if self.task is None or self.task.done():
            self.ready, self.task = asyncio.Event(), asyncio.create_task(self._run())
        await self.ready.wait()

    def close(self) -> None:
        """End all connections, from any thread: the server stops."""
        if self.task is not None and not self.task.done():
            self.task.get_loop().call_soon_threadsafe(self._end)

    def _end(self) -> None:
        for listener in self.listeners:
            listener.end()

    async def _run(self) -> None:
        while self.listeners:
            try:
                if not self.ready.is_set():
                    await self._begin()
                for news in await self._ask(self._read):
                    self.seen[news.id] = time.monotonic()
                    for listener in tuple(self.listeners):
                        listener.tell(news)
                    await asyncio.sleep(0)
            except DatabaseError:
                logger.warning("live.database_away")
                await asyncio.sleep(2)
            self._forget()
            await asyncio.sleep(TICK_SECONDS)
        self.task, self.told = None, frozenset()  # whoever comes from now on begins another
        await self._ask(disconnect)

    def _read(self) -> list[News]:
        told, seen = self.told, tuple(self.seen)
        followed = {topic.kind for topic in TOPICS.entries()} | told
        return read(self.floor, seen=seen, told=told) if has_news(self.floor, seen, followed) else []

    async def _begin(self) -> None:
        past = await self._ask(newest, BATCH)
        self.floor, self.seen = min(past, default=1) - 1, dict.fromkeys(past, time.monotonic())
        self.ready.set()

    async def _ask(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run what asks the database in one thread that keeps its connection: the feed asks many times a second."""

        def run() -> Any:
            try:
                return work(*args, **kwargs)
            except DatabaseError:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self.thread, run)

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
