"""A body that comes too slowly ends its connection; one that is merely large or slow to begin with is read."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from outreach.core import slowness


async def reads_all(scope, receive, send):
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


class Unhurried(asyncio.SelectorEventLoop):
    """A loop whose clock goes by its timers alone: a busy machine is not slow for it, and nobody waits."""

    now = 0.0

    def time(self):
        return self.now

    def _run_once(self):
        if not self._ready:
            waiting = [timer.when() for timer in self._scheduled if not timer.cancelled()]
            self.now = max(self.now, min(waiting, default=self.now))
        super()._run_once()


def run(work):
    with asyncio.Runner(loop_factory=Unhurried) as runner:
        runner.run(work)


def answer(pieces, pause):
    """The status and the body, for pieces of a body that come with a pause before each."""
    sent, waiting = [], iter(pieces)

    async def receive():
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": next(waiting), "more_body": waiting.__length_hint__() > 0}

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # a browser's loop may run in this one
        thread.submit(run, slowness.bounded(reads_all)({"type": "http"}, receive, send)).result()
    return sent[0]["status"], sent[1]["body"]


def test_a_body_by_the_byte_is_refused_and_one_that_flows_is_not(monkeypatch):
    monkeypatch.setattr(slowness, "FIRST_SECONDS", 0.2)
    assert answer([b"x"] * 500, 0.01) == (408, slowness.TOO_SLOW)
    assert answer([b"x" * 1_000] * 50, 0.01) == (200, b"50000"), "half a second, but 2,000 bytes earn a second"
    assert answer([b""], 0) == (200, b"0")
