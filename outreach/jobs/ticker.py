"""The product's clock: plans what the schedule tables say, tells that it is alive, survives a database restart."""

from __future__ import annotations

import threading
import time

import structlog
from django.db import DatabaseError, connection

from outreach.core import clock
from outreach.jobs import heartbeats, periodic
from outreach.jobs.policy import BEAT_SECONDS

logger = structlog.get_logger(__name__)

TICK_SECONDS = 0.5


class Ticker(threading.Thread):
    """Runs until `stop()`. Any number may run at once: planned moments are unique rows."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="ticker")
        self._stopping = threading.Event()
        self._beat_due = 0.0

    def stop(self) -> None:
        self._stopping.set()
        self.join(timeout=5)

    def run(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            try:
                self.tick()
            except DatabaseError as error:
                logger.warning("no database, the clock waits", error=str(error).strip())
                connection.close()
        connection.close()

    def tick(self) -> None:
        """One look at the schedules."""
        periodic.plan_due(clock.now())
        if time.monotonic() >= self._beat_due:
            self._beat_due = time.monotonic() + BEAT_SECONDS
            heartbeats.beat("clock")
