"""Heartbeats of the processes, in database time."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from outreach.jobs.models import Heartbeat
from outreach.jobs.policy import DEAD_BEAT, LANES, WORKERS

KEPT = timedelta(days=2)


def beat(name: str) -> None:
    """Record that `name` is alive now."""
    Heartbeat.objects.update_or_create(
        name=name, defaults={"pid": os.getpid(), "host": socket.gethostname(), "beat_at": Now()}
    )


def ages() -> dict[str, float]:
    """Seconds since the last beat, by name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, extract(epoch FROM now() - beat_at) FROM jobs_heartbeat")
        return {name: float(seconds) for name, seconds in cursor.fetchall()}


def stalled_lanes() -> list[str]:
    """Lanes whose heartbeat is old although a worker is free: a killed process can hold a cluster's inner lock for ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT lane FROM unnest(%s::text[]) AS lane
            JOIN jobs_heartbeat AS beat ON beat.name = 'lane:' || lane
            WHERE beat.beat_at < now() - make_interval(secs => %s)
              AND (SELECT count(*) FROM jobs_queueitem AS item
                   WHERE item.lane = lane AND item.started_at IS NOT NULL AND item.locked_until > now()) < %s
            """,
            [list(LANES), DEAD_BEAT.total_seconds(), WORKERS],
        )
        return [lane for (lane,) in cursor.fetchall()]


def prune() -> None:
    Heartbeat.objects.filter(beat_at__lt=Now() - KEPT).delete()
