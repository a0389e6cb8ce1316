"""Signs of life of the processes, in database time."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from outreach.jobs.models import Heartbeat
from outreach.jobs.policy import DEAD_BEAT

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


def is_dead(age_seconds: float | None) -> bool:
    """Whether a beat of this age means that the process does no work any more."""
    return age_seconds is None or age_seconds > DEAD_BEAT.total_seconds()


def prune() -> None:
    Heartbeat.objects.filter(beat_at__lt=Now() - KEPT).delete()
