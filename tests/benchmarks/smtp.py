"""Mail through the whole outbox (claim, gate, commit, send, record) beside the same sink without it.

One process beside one kept connection, at a sink that answers at once; then as the product runs, two workers of eight
threads each, beside sixteen kept connections, at sinks that take their time as real servers do.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connections

from tests.benchmarks import Row

ROOT = Path(__file__).resolve().parents[2]
WORKERS, THREADS = 2, 8
DELAYS_MS = (0, 20, 100)
_MAIL = b"From: a@firm.de\r\nTo: b@firm.de\r\nSubject: Hello\r\n\r\nA short text.\r\n"


def run(scale: int) -> list[Row]:
    most = max(400, min(2_000, scale // 10))
    with _sink(0) as port:
        bare = _bare(port, most)
        senders = _plan(port, most, 4)
        ours = _timed(most, senders, _work)
    rows = [_row("mails a second, exactly once, one process (beside: bare sink, one kept connection)", ours, bare)]
    for delay in DELAYS_MS:
        with _sink(delay) as port:
            bare = _timed(most, [], lambda port=port: _bare(port, most // WORKERS, THREADS), WORKERS)
            senders = _plan(port, most, WORKERS * THREADS)
            ours = _timed(most, senders, _work, WORKERS)
        what = f"mails a second, {WORKERS} workers of {THREADS} threads, a sink that takes {delay} ms"
        rows.append(_row(f"{what} (beside: {WORKERS * THREADS} bare connections)", ours, bare))
    return rows


def _row(name: str, ours: float, bare: float) -> Row:
    target, most = "≥ 300/s and ≥ ½ of the bare sink", bare >= 300
    if not most:  # so many connections allow no more
        target = "≥ ½ of the bare sink"
    return Row(name, ours, "mails/s", bare, ours / bare, target, (ours >= 300 or not most) and ours >= bare / 2)


@contextlib.contextmanager
def _sink(delay_ms: int) -> Iterator[int]:
    options = json.dumps({"delay_seconds": delay_ms / 1000})
    sink = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.smtp_sink", "--port", "0", "--options", options],
        stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    try:
        assert sink.stdout is not None
        yield json.loads(sink.stdout.readline())["port"]
    finally:
        sink.kill()
        sink.wait()


def _bare(port: int, count: int, threads: int = 1) -> float:
    def send(share: int) -> None:
        client = smtplib.SMTP("127.0.0.1", port)
        for number in range(share):
            client.sendmail("a@firm.de", [f"p{number}@firm.de"], _MAIL)
        client.quit()

    workers = [threading.Thread(target=send, args=(count // threads,)) for _ in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return count / (time.perf_counter() - began)


def _plan(port: int, count: int, sender_count: int) -> list[int]:
    from conversations.models import Conversation
    from conversations.outbox.models import Stream
    from conversations.planning.plans import MessagePlan
    from conversations.planning.services import plan_message
    from conversations.senders.models import Sender
    from outreach.core import clock

    stream = Stream.objects.create(name="bench", state="active")
    senders = [
        Sender.objects.create(
            name=f"bench smtp {uuid4()}", channel="email", adapter="smtp", address=f"me{number}@ourfirm.de", state="active",
            settings={"host": "127.0.0.1", "port": port, "security": "plain", "messages_per_connection": 10_000},
            hourly_cap=100_000, daily_cap=100_000, weekly_cap=100_000,
        )
        for number in range(sender_count)
    ]  # fmt: skip
    for number in range(count):
        plan_message(MessagePlan(
            conversation=Conversation.objects.create(contact=f"p{number}@firm.de"),
            sender=senders[number % sender_count], channel="email", address=f"p{number}@firm.de", subject="Hello",
            body="A short text.", stream=stream, scheduled_at=clock.now(), approval_rule="bench",
        ))  # fmt: skip
    return [sender.pk for sender in senders]


def _work() -> None:
    """One worker: tick until nothing waits."""
    from conversations.dispatch.sending import send_due
    from conversations.models import MESSAGE, Message

    while Message.objects.filter(state__in=MESSAGE.waiting).exists():
        send_due(seconds=60)


def _timed(count: int, senders: list[int], work: Any, processes: int = 1) -> float:
    """Mails a second of `processes` that do `work`; all must have been sent, each once."""
    from conversations.models import Message, MessageEvent

    if processes == 1:
        began = time.perf_counter()
        work()
    else:
        connections.close_all()
        fork = multiprocessing.get_context("fork")
        workers = [fork.Process(target=work) for _ in range(processes)]
        began = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    seconds = time.perf_counter() - began
    if senders:
        sent = Message.objects.filter(state="sent", sender__in=senders).count()
        events = MessageEvent.objects.filter(message__sender__in=senders, kind="sent").count()
        if (sent, events) != (count, count):
            raise AssertionError(f"{sent} of {count} were sent, {events} times")
    return count / seconds
