"""Storing what comes in, beside the bare INSERT of the same row, by one client and four; and how long a signed webhook takes."""

from __future__ import annotations

import json
import statistics
import threading
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from django.db import connection, connections
from django.test import RequestFactory
from twilio.request_validator import RequestValidator

from conversations.channels.sms import callbacks
from conversations.inbound import services, webhooks
from conversations.senders.models import Sender
from tests.benchmarks import Row

TOKEN = "benchmark-token"
TARGET = 0.4
ROUNDS = 5
LIMIT_MS = 50.0

_INSERT = (
    "INSERT INTO inbound_inboundevent (source, external_id, sender_id, fields, body, state, kind, attempts, error,"
    " received_at) VALUES ('benchmark.bare', %s, %s, %s::jsonb, '', 'stored', '', 0, '', now())"
)


def run(scale: int) -> list[Row]:
    """`scale` is rows; a twentieth of it is sent in each of the measurements."""
    sender = Sender(name=f"benchmark {uuid.uuid4()}", channel="sms", adapter="twilio", address="+12025550100")
    sender.set_credentials({"auth_token": TOKEN})
    sender.save()
    count = max(100, scale // 20)
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        commit = cursor.fetchone()[0]
        cursor.execute("SHOW fsync")
        fsync = cursor.fetchone()[0]
    rows = []
    for clients in (1, 4):
        bare, stored = _interleaved(sender, count // ROUNDS, clients)
        settings = f"fsync {fsync}, synchronous_commit {commit}"
        rows.append(_row(f"inbound store, clients: {clients} ({settings})", stored, bare))
        rows.append(_latency(sender, count // ROUNDS, clients))
    return rows


def _latency(sender: Sender, count: int, clients: int) -> Row:
    """How long the view takes from request to answer: form, signature, store, commit."""
    taken: list[float] = []
    _rate(lambda n: _serve(sender, n, taken), count, clients)
    p95 = statistics.quantiles(taken, n=20)[-1] * 1000
    name = f"inbound webhook served, p95, clients: {clients}"
    return Row(name, p95, "ms", LIMIT_MS, p95 / LIMIT_MS, f"≤ {LIMIT_MS:g} ms", p95 <= LIMIT_MS)


def _row(name: str, measured: float, reference: float) -> Row:
    ratio = measured / reference
    return Row(name, measured, "events/s", reference, ratio, f"≥ {TARGET} of the bare INSERT", ratio >= TARGET)


def _interleaved(sender: Sender, count: int, clients: int) -> tuple[float, float]:
    """Medians over rounds in turn, so that a slow moment of the machine hits both alike."""
    works: list[Callable[[int], Callable[[], None]]] = [
        lambda n: _bare(sender, n),
        lambda n: _store(sender, n),
    ]
    for work in works:
        _rate(work, 20, clients)
    rates: list[list[float]] = [[], []]
    for _round in range(ROUNDS):
        for index, work in enumerate(works):
            rates[index].append(_rate(work, count, clients))
    bare, stored = (statistics.median(values) for values in rates)
    return bare, stored


def _rate(work: Callable[[int], Callable[[], None]], count: int, clients: int) -> float:
    """Events a second over all clients, each with a connection of its own."""
    ready, go = threading.Barrier(clients + 1), threading.Barrier(clients + 1)

    def client() -> None:
        task = work(count // clients)
        connection.ensure_connection()
        ready.wait()
        go.wait()
        try:
            task()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=client) for _client in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    go.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return (count // clients) * clients / (time.perf_counter() - started)


def _form() -> dict[str, str]:
    return {
        "MessageSid": "SM" + uuid.uuid4().hex,
        "AccountSid": "AC" + "0" * 32,
        "From": "+12025550101",
        "To": "+12025550100",
        "Body": "Yes, that sounds interesting. How much is it for a team of twelve?",
        "NumMedia": "0",
        "NumSegments": "1",
    }


def _bare(sender: Sender, count: int) -> Callable[[], None]:
    forms = [_form() for _number in range(count)]

    def task() -> None:
        for form in forms:
            with connection.cursor() as cursor:
                cursor.execute(_INSERT, [form["MessageSid"], sender.pk, json.dumps(form)])

    return task


def _store(sender: Sender, count: int) -> Callable[[], None]:
    forms = [_form() for _number in range(count)]

    def task() -> None:
        for form in forms:
            services.store(source="benchmark", external_id=form["MessageSid"], sender=sender, fields=form)

    return task


def _serve(sender: Sender, count: int, taken: list[float]) -> Callable[[], None]:
    factory, url = RequestFactory(), callbacks.inbound_url(sender.pk)
    validator = RequestValidator(TOKEN)
    requests = []
    for _number in range(count):
        form = _form()
        requests.append(
            factory.post(
                "/" + callbacks.INBOUND_PATH.format(sender_id=sender.pk),
                urlencode(form),
                content_type="application/x-www-form-urlencoded",
                headers={"X-Twilio-Signature": validator.compute_signature(url, form)},
            )
        )

    def task() -> None:
        for request in requests:
            started = time.perf_counter()
            if webhooks.twilio_message(request, sender.pk).status_code != 200:
                raise RuntimeError("the webhook refused a genuine request")
            taken.append(time.perf_counter() - started)

    return task
