"""Events to a thousand programs at once, through the real server in a process of its own: how soon each is told, and what
a connection costs in memory."""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
import uvloop
from django.db import connection
from psycopg.conninfo import make_conninfo

from outreach.access.services import create_api_key
from outreach.core.models import Actor
from outreach.events.services import publish
from tests.benchmarks import Row
from tests.outreach.access.factories import make_user
from tests.ports import free_port

CONNECTIONS, EVENTS = 1_000, 60
LIMIT_MS, LIMIT_KIB = 250.0, 100.0
ROOT = Path(__file__).resolve().parents[2]
_SENT: dict[str, float] = {}


def run(scale: int) -> list[Row]:
    user = make_user("viewer", username="benchmark")
    _row, key = create_api_key(user=user, name="benchmark", actor=Actor.system("benchmark"))
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "outreach.asgi:application",
        "--port",
        str(port),
        "--log-level",
        "critical",
    ]
    database = make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": database}, cwd=ROOT)
    try:
        await_server(port)
        server = psutil.Process(process.pid)
        before = server.memory_info().rss
        taken, worked = uvloop.run(_measure(port, key, server))
        after = server.memory_info().rss
    finally:
        process.terminate()
        process.wait(20)
    expected = CONNECTIONS * EVENTS
    p95 = statistics.quantiles(taken, n=20)[-1]
    each = (after - before) / CONNECTIONS / 1024
    return [
        Row(f"an event at {CONNECTIONS:,} connections, p50", statistics.median(taken), "ms", LIMIT_MS,
            statistics.median(taken) / LIMIT_MS, "–", True),
        Row(f"an event at {CONNECTIONS:,} connections, p95", p95, "ms", LIMIT_MS, p95 / LIMIT_MS,
            f"≤ {LIMIT_MS:g} ms", p95 <= LIMIT_MS),
        Row(f"CPU of the server for an event to {CONNECTIONS:,}", worked, "ms", LIMIT_MS, worked / LIMIT_MS, "–", True),
        Row("events that arrived, of all", len(taken), "events", expected, len(taken) / expected, "= all",
            len(taken) == expected),
        Row("memory of a connection", each, "KiB", LIMIT_KIB, each / LIMIT_KIB, f"≤ {LIMIT_KIB:g} KiB", each <= LIMIT_KIB),
    ]  # fmt: skip


def await_server(port: int) -> None:
    for _attempt in range(600):
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live")
            return
        time.sleep(0.1)
    raise TimeoutError("the server did not start")


async def _measure(port: int, key: str, server: psutil.Process) -> tuple[list[float], float]:
    """How long each event took to each connection, and the server's CPU for one event; both in milliseconds."""
    taken: list[float] = []
    ready = asyncio.Semaphore(0)
    followers = []
    for number in range(CONNECTIONS):
        followers.append(asyncio.create_task(_follow(port, key, taken, ready)))
        if number % 50 == 49:
            async with asyncio.timeout(60):
                for _each in range(50):
                    await ready.acquire()
    began = _worked(server)
    for number in range(EVENTS):
        await asyncio.sleep(random.uniform(0.3, 0.7))
        await asyncio.to_thread(_publish, number)
    await asyncio.wait(followers, timeout=10)
    for follower in followers:
        follower.cancel()
    await asyncio.gather(*followers, return_exceptions=True)
    return taken, (_worked(server) - began) / EVENTS


def _worked(server: psutil.Process) -> float:
    times = server.cpu_times()
    return float(times.user + times.system) * 1000


def _publish(number: int) -> None:
    event = publish("lead.created", lead_id=number)
    _SENT[f"evt_{event.pk}"] = time.monotonic()
    connection.close()


async def _follow(port: int, key: str, taken: list[float], ready: asyncio.Semaphore) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET /api/v1/events/stream/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Api-Key {key}\r\n\r\n"
    writer.write(request.encode())
    count = 0
    while count < EVENTS:
        line = await reader.readline()
        if not line:
            raise ConnectionError("the server ended the stream")
        if line.startswith(b": event"):
            ready.release()
        elif line.startswith(b"data: "):
            arrived = time.monotonic()
            number = json.loads(line.removeprefix(b"data: "))["id"]
            while number not in _SENT:
                await asyncio.sleep(0)
            taken.append((arrived - _SENT[number]) * 1000)
            count += 1
    writer.close()
