"""One lane's processes: django-q2's sentinel, which here stops within seconds and gives back what it holds."""

from __future__ import annotations

import contextlib
import os
import queue as queues
import signal
import time
import uuid
from typing import Any

from django.db import DatabaseError, connections
from django.db.backends.signals import connection_created
from django_q.cluster import Sentinel
from django_q.conf import Conf
from django_q.signals import post_spawn

from outreach.jobs import heartbeats, queue, stopping
from outreach.jobs.broker import RUN

GRACE_SECONDS = 20.0
"""For the work at hand: a message on its way to a server is better finished than interrupted."""
INTERRUPTED_SECONDS = 5.0
"""For rolling back and giving back after that."""


STATEMENT_TIMEOUT_SECONDS = 600
"""No single statement of background work takes longer; what does is cancelled by the server and told as an error."""


def limit_statements(connection: Any, **_kwargs: Any) -> None:
    """For each new connection of a worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{STATEMENT_TIMEOUT_SECONDS}s"])


class Flag:
    """A flag that a signal handler may set: no locks, unlike the events of `multiprocessing` and `threading`."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, seconds: float) -> bool:
        if not self._is_set:
            time.sleep(seconds)
        return self._is_set


class LaneSentinel(Sentinel):
    """Starts and guards the workers of one lane in the calling process, until `stop_event` is set."""

    def stop(self) -> None:
        """Finish what is running if that takes no longer than the grace, and give the rest back to the queue."""
        self.event_out.set()
        self.task_queue.cancel_join_thread()
        self._signal_workers()
        self._wait(GRACE_SECONDS)
        if self._is_working():
            self._signal_workers()
            self._wait(INTERRUPTED_SECONDS)
        for process in (*self.pool, self.pusher, self.monitor):
            if process.is_alive():
                process.kill()
        self._give_back()
        with contextlib.suppress(DatabaseError):
            heartbeats.forget(f"lane:{self.broker.lane}")
        connections.close_all()

    def _signal_workers(self) -> None:
        for process in self.pool:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGUSR1)

    def _is_working(self) -> bool:
        return any(process.is_alive() for process in self.pool)

    def _wait(self, seconds: float) -> None:
        """Until all workers have ended: each takes one of the endings that the queue is fed with."""
        deadline = time.monotonic() + seconds
        while self._is_working() and time.monotonic() < deadline:
            if not self.pusher.is_alive():
                with contextlib.suppress(queues.Full):
                    self.task_queue.put_nowait("STOP")
            time.sleep(0.1)

    def _give_back(self) -> None:
        """Items that were claimed and wait in this lane's inner queue."""
        with contextlib.suppress(queues.Empty, OSError, DatabaseError):
            while True:
                task = self.task_queue.get(timeout=0.2)
                if isinstance(task, dict) and task["func"] == RUN:
                    queue.release(*task["args"])


def serve(lane: str, *, most_kib: int | None = None) -> None:
    """Work for `lane` until SIGTERM or SIGINT. A worker that has grown beyond `most_kib` ends after its task."""
    os.environ["Q_CLUSTER_NAME"] = Conf.CLUSTER_NAME = Conf.PREFIX if lane == "default" else lane
    if most_kib is not None:
        Conf.MAX_RSS = most_kib
    post_spawn.connect(stopping.listen)
    connection_created.connect(limit_statements)
    is_stopping: Any = Flag()
    sentinel = LaneSentinel(is_stopping, Flag(), uuid.uuid4(), start=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_stopping.set())
    sentinel.start()
