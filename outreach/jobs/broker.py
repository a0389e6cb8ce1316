"""What django-q2's workers take their tasks from: the lane's own table, asked by each worker for itself.

Between looks at the table a free worker sleeps on a Postgres notification, so that a wake-up starts within
milliseconds. `outreach.jobs.running.run_item` fences and runs what was claimed.
"""

from __future__ import annotations

import os
import time
from typing import Any

import psycopg
import structlog
from django.db import DatabaseError, close_old_connections, connection

from outreach.jobs import heartbeats, queue, stopping
from outreach.jobs.policy import BEAT_SECONDS, IDLE_WAIT_SECONDS
from outreach.jobs.running import run_item

logger = structlog.get_logger(__name__)

STOP = "STOP"
"""What ends a worker of django-q2."""


class LaneBroker:
    """To a worker of django-q2 this is the queue of tasks, and the queue in which it puts their outcomes."""

    def __init__(self, lane: str) -> None:
        self.lane = lane
        self._beat_due = 0.0
        self._listening_on: Any = None

    def get(self) -> dict[str, Any] | str:
        """The next task of the calling worker, which waits for it; `STOP` once the worker should end."""
        while not stopping.is_requested():
            try:
                self._beat()
                if items := queue.claim(self.lane):
                    self._stop_listening()
                    return self._task(items[0])
                self._wait()
            except (DatabaseError, psycopg.Error) as error:
                logger.warning("no database, the lane waits", lane=self.lane, error=str(error).strip())
                connection.close()
                time.sleep(IDLE_WAIT_SECONDS)
        return STOP

    def put(self, outcome: dict[str, Any]) -> None:
        """How a task ended: its row tells already, unless it was cut off for taking too long."""
        if not outcome["success"]:
            logger.error("task cut off", task=outcome["name"], error=str(outcome["result"]))

    def _beat(self) -> None:
        """A free worker tells that its cluster, the process above it, takes work."""
        if self._beat_due <= time.monotonic():
            close_old_connections()
            heartbeats.beat(f"lane:{self.lane}", os.getppid())
            self._beat_due = time.monotonic() + BEAT_SECONDS

    @staticmethod
    def _task(item: queue.Claimed) -> dict[str, Any]:
        return {
            "id": f"{item.id}.{item.attempt}",
            "name": f"{item.task}#{item.id}",
            "func": run_item,
            "args": (item.id, item.attempt),
            "kwargs": {},
            "timeout": item.timeout_seconds,
        }

    def _wait(self) -> None:
        """Sleep until the lane is notified or `IDLE_WAIT_SECONDS` have passed. The first time it begins to listen
        instead, and returns for one more look: what came before that notified no one."""
        raw = connection.connection
        if self._listening_on is not raw:
            raw.execute(f'LISTEN "{queue.channel(self.lane)}"')
            self._listening_on = raw
            return
        for _ in raw.notifies(timeout=IDLE_WAIT_SECONDS, stop_after=1):
            pass

    def _stop_listening(self) -> None:
        """While a task runs, notifications would pile up in its process."""
        if self._listening_on is not None and self._listening_on is connection.connection:
            try:
                self._listening_on.execute("UNLISTEN *")
            except psycopg.Error:
                connection.close()  # the task that was claimed gets another
        self._listening_on = None
