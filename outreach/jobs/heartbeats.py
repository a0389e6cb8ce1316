"""Heartbeats of the processes of all machines, in database time: one row each process, so that a dead one is seen."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import psutil
from django.db import connection

from outreach.jobs.models import Heartbeat
from outreach.jobs.policy import DEAD_BEAT, WORKERS

KEPT = timedelta(days=2)
SILENT_SECONDS = 2 * DEAD_BEAT.total_seconds()
"""A process without a beat for this long counts as dead."""


@dataclass(frozen=True)
class Beat:
    """The last beat of one process."""

    pk: int
    name: str
    host: str
    pid: int
    age_seconds: float

    @property
    def is_well(self) -> bool:
        return self.age_seconds <= SILENT_SECONDS


def beat(name: str, pid: int | None = None) -> None:
    """Record that the process `pid` of this machine, ours if none is named, works as `name` now.

    In plain SQL, as a free worker does nothing else: Django's queries would cost each of them 3 MiB.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_heartbeat (name, host, pid, beat_at) VALUES (%s, %s, %s, now())"
            " ON CONFLICT (name, host, pid) DO UPDATE SET beat_at = excluded.beat_at",
            [name, socket.gethostname(), pid or os.getpid()],
        )


def beats() -> list[Beat]:
    """The last beat of every process, by name and machine."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name, host, pid, extract(epoch FROM now() - beat_at) FROM jobs_heartbeat ORDER BY name, host, pid"
        )
        return [Beat(pk, name, host, pid, float(age)) for pk, name, host, pid, age in cursor.fetchall()]


def stalled_lanes(clusters: Mapping[str, int]) -> list[str]:
    """Of this machine's clusters (lane → pid), those whose last beat is old although one of their workers is free.

    A killed process can hold a cluster's inner lock for ever.
    """
    host = socket.gethostname()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT lane FROM unnest(%s::text[], %s::int[]) AS cluster (lane, pid)
            JOIN jobs_heartbeat AS beat ON beat.name = 'lane:' || lane AND beat.host = %s AND beat.pid = cluster.pid
            WHERE beat.beat_at < now() - make_interval(secs => %s)
              AND (SELECT count(*) FROM jobs_queueitem AS item
                   WHERE item.lane = cluster.lane AND item.started_at IS NOT NULL AND item.locked_until > now()
                     AND starts_with(item.holder, %s || ':' || cluster.pid || ':')) < %s
            """,
            [list(clusters), list(clusters.values()), host, DEAD_BEAT.total_seconds(), host, WORKERS],
        )
        return [lane for (lane,) in cursor.fetchall()]


def forget(name: str, pid: int | None = None) -> None:
    """A process of this machine has ended as it should."""
    Heartbeat.objects.filter(name=name, host=socket.gethostname(), pid=pid or os.getpid()).delete()


def forget_ended() -> None:
    """Processes of this machine that ended otherwise, and were replaced by others."""
    silent = Heartbeat.objects.filter(host=socket.gethostname()).silent(DEAD_BEAT)
    gone = [row.pk for row in silent if not psutil.pid_exists(row.pid)]
    Heartbeat.objects.filter(pk__in=gone).delete()


def prune() -> None:
    Heartbeat.objects.silent(KEPT).delete()
