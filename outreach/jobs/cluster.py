"""One lane's processes: a guard and django-q2's workers, which stop within seconds and give back what they hold."""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import signal
import time
from typing import Any

import structlog
from django.db import DatabaseError, connections
from django.db.backends.signals import connection_created
from django_q.conf import Conf
from django_q.signals import post_spawn
from django_q.worker import worker

from outreach.jobs import heartbeats, queue, stopping
from outreach.jobs.broker import LaneBroker
from outreach.jobs.policy import WORKERS

logger = structlog.get_logger(__name__)

GRACE_SECONDS = 20.0
"""For the work at hand: a message on its way to a server is better finished than interrupted."""
INTERRUPTED_SECONDS = 5.0
"""For rolling back and giving back after that."""

SPARE_SECONDS = 10.0
"""A second worker that has nothing to do for this long ends."""
ORPHAN_SECONDS = 2
"""How soon the server looks whether the worker that asked is still there."""
STATEMENT_TIMEOUT_SECONDS = 600
"""No single statement of background work takes longer; what does is cancelled by the server and told as an error."""


def limit_statements(connection: Any, **_kwargs: Any) -> None:
    """For each new connection of a worker. What a killed one asked for ends before another does its work again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, false), set_config('client_connection_check_interval', %s, false)",
            [f"{STATEMENT_TIMEOUT_SECONDS}s", f"{ORPHAN_SECONDS}s"],
        )


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


def _is_busy(process: Any) -> bool:
    """Whether a task runs in the worker, read without the lock of its timer, which a killed worker may hold."""
    return bool(process.timer.get_obj().value > 0)


class Lane:
    """Starts and guards the workers of one lane in the calling process.

    The workers are django-q2's. Its own cluster adds two processes: one claims tasks for the workers, the other saves
    their results. Here each worker claims its own, so no queue between processes holds tasks, and no killed process
    leaves a queue locked.
    """

    def __init__(self, lane: str) -> None:
        self.broker = LaneBroker(lane)
        self.workers: list[Any] = []
        self._ample_since = math.inf
        self._dead: set[int] = set()
        """Workers that died, until what they held is free again."""
        self._is_short = False
        """Whether all were busy at the last look: what ends before the next one needs no second worker."""

    def serve(self, is_stopping: Flag) -> None:
        """Work until `is_stopping`, then stop."""
        while True:
            for process in tuple(self.workers):
                if not process.is_alive() or self._has_timed_out(process):
                    self._bury(process)
            self._give_up()
            self._fit()
            if is_stopping.wait(Conf.GUARD_CYCLE):
                break
        self.stop()

    def _fit(self) -> None:
        """One worker waits; while all are busy there is another, up to `WORKERS`, which ends when two have been free for a
        while. An idle one takes 13 MiB with its connection."""
        free = sum(not _is_busy(process) for process in self.workers)
        if free < 2:
            self._ample_since = time.monotonic()
        if not self.workers or (not free and self._is_short and len(self.workers) < WORKERS):
            self._start_worker()
        elif time.monotonic() - self._ample_since >= SPARE_SECONDS:
            self._signal(self.workers[-1])  # the oldest knows most: live sets, connections to mail servers
            self._ample_since = math.inf  # once: a second signal would interrupt what it began meanwhile
        self._is_short = not free

    def _start_worker(self) -> None:
        """A process with a timer, in which it notes how many seconds its task may still take; below zero it has none."""
        timer = multiprocessing.Value("f", -1)
        process = multiprocessing.get_context("fork").Process(
            target=worker, args=(self.broker, self.broker, timer, Conf.TIMEOUT), daemon=True
        )
        process.timer = timer  # type: ignore[attr-defined]
        process.start()
        self.workers.append(process)

    @staticmethod
    def _has_timed_out(process: Any) -> bool:
        """Whether a task outlived its own alarm. A worker that was killed may hold the timer's lock for ever."""
        lock, timer = process.timer.get_lock(), process.timer.get_obj()
        if lock.acquire(block=False):
            if timer.value > 0:
                timer.value = max(timer.value - Conf.GUARD_CYCLE, 0)
            lock.release()
        return bool(timer.value == 0)

    def _bury(self, process: Any) -> None:
        if process.is_alive():
            process.kill()
            process.join()
        self.workers.remove(process)
        self._ample_since = time.monotonic()
        if process.exitcode:
            logger.error("worker died", lane=self.broker.lane, pid=process.pid, code=process.exitcode)
            self._dead.add(process.pid)

    def _give_up(self) -> None:
        """Free what the dead held; again at the next look where the database does not answer."""
        if not self._dead:
            return
        try:
            for pid in tuple(self._dead):
                queue.give_up(os.getpid(), pid)
                self._dead.remove(pid)
        except DatabaseError as error:
            logger.warning("no database, dead workers hold their work", lane=self.broker.lane, error=str(error).strip())
        connections.close_all()  # the next worker is a fork of this process

    def stop(self) -> None:
        """Finish what is running if that takes no longer than the grace, and give the rest back to the queue."""
        self._signal_workers()
        self._wait(GRACE_SECONDS)
        if self._is_working():
            self._signal_workers()
            self._wait(INTERRUPTED_SECONDS)
        for process in self.workers:
            if process.is_alive():
                process.kill()
        for _ in range(2):  # again where the first try finds that the connection was lost meanwhile
            with contextlib.suppress(DatabaseError):
                heartbeats.forget(f"lane:{self.broker.lane}")
                break
            connections.close_all()
        connections.close_all()

    def _signal_workers(self) -> None:
        for process in self.workers:
            self._signal(process)

    @staticmethod
    def _signal(process: Any) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGUSR1)

    def _is_working(self) -> bool:
        return any(process.is_alive() for process in self.workers)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._is_working() and time.monotonic() < deadline:
            time.sleep(0.1)


def serve(lane: str, *, most_kib: int | None = None) -> None:
    """Work for `lane` until SIGTERM or SIGINT. A worker that has grown beyond `most_kib` ends after its task."""
    if most_kib is not None:
        Conf.MAX_RSS = most_kib
    post_spawn.connect(stopping.listen)
    connection_created.connect(limit_statements)
    is_stopping = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_stopping.set())
    Lane(lane).serve(is_stopping)
