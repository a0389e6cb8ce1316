"""django-q2's broker on our own table: one-statement claims, attempts counted at claim, dead letters kept.

The queue carries only (id, attempt) of a row; `outreach.jobs.running.run_item` fences and runs it. Between looks at the
table a lane sleeps on a Postgres notification, so that a wake-up starts within milliseconds.
"""

from __future__ import annotations

import os
import time
from typing import Any

import psycopg
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone
from django_q.brokers import Broker
from django_q.conf import Conf
from django_q.signing import SignedPackage

from outreach.jobs import queue
from outreach.jobs.models import QueueItem
from outreach.jobs.policy import BEAT_SECONDS, IDLE_WAIT_SECONDS

RUN = "outreach.jobs.running.run_item"
BEAT = "outreach.jobs.heartbeats.beat_lane"
BEAT_TIMEOUT_SECONDS = 30


class LaneBroker(Broker):
    """A lane of `jobs_queueitem` in the form that django-q2 expects."""

    _beat_due = 0.0

    @staticmethod
    def get_connection(list_key: str | None = None) -> Any:
        return connection

    @property
    def lane(self) -> str:
        return "default" if self.list_key in (None, "", Conf.PREFIX) else str(self.list_key)

    def ping(self) -> bool:
        return True

    def info(self) -> str:
        return f"outreach lane {self.lane}"

    def enqueue(self, task: str) -> int:
        """django-q2's own enqueue is not used; `outreach.jobs.services.enqueue` is."""
        raise RuntimeError("Use outreach.jobs.services.enqueue.")

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Up to `bulk` claimed items as signed packages; None after an idle wait."""
        close_old_connections()
        packages = [] if self._beat_due > time.monotonic() else [self._beat()]
        items = queue.claim(self.lane, Conf.BULK)
        packages += [(item.id, self._package(item)) for item in items]
        if not packages:
            self._wait()
        return packages or None

    def _beat(self) -> tuple[int, str]:
        """A heartbeat that goes all the way through this cluster, and so tells of its workers as well."""
        self._beat_due = time.monotonic() + BEAT_SECONDS
        beat = queue.Claimed(0, BEAT, [self.lane, os.getppid()], 0, BEAT_TIMEOUT_SECONDS)
        return 0, self._package(beat, func=BEAT, arguments=beat.arguments)

    def _package(self, item: queue.Claimed, func: str = RUN, arguments: list[Any] | None = None) -> str:
        return str(
            SignedPackage.dumps(
                {
                    "id": f"{item.id}.{item.attempt}",
                    "name": f"{item.task}#{item.id}",
                    "func": func,
                    "args": tuple(arguments or (item.id, item.attempt)),
                    "kwargs": {},
                    "started": timezone.now(),
                    "timeout": item.timeout_seconds,
                }
            )
        )

    def _wait(self) -> None:
        """Sleep until the lane is notified or `IDLE_WAIT_SECONDS` have passed."""
        connection.ensure_connection()
        raw = connection.connection
        try:
            if getattr(self, "_listening_on", None) is not raw:
                raw.execute(f'LISTEN "{queue.channel(self.lane)}"')
                self._listening_on = raw
            for _ in raw.notifies(timeout=IDLE_WAIT_SECONDS, stop_after=1):
                pass
        except (psycopg.Error, DatabaseError):
            connection.close()
            time.sleep(IDLE_WAIT_SECONDS)

    def __getstate__(self) -> Any:
        return self.list_key, self._info

    def acknowledge(self, task_id: int) -> None:
        """The worker itself has finished or postponed the row."""

    def fail(self, task_id: int) -> None:
        """Only for packages that cannot be read back, which we made ourselves a moment ago."""

    def delete(self, task_id: int) -> None:
        """Nothing: rows go away when their work is done."""

    def queue_size(self) -> int:
        return QueueItem.objects.filter(lane=self.lane, is_dead=False, locked_until=None).count()

    def lock_size(self) -> int:
        return QueueItem.objects.filter(lane=self.lane, is_dead=False, locked_until__gt=timezone.now()).count()
