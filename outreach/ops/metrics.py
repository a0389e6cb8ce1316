"""Figures for Prometheus, read from the database when asked: the same on every machine and after every restart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from outreach.jobs import heartbeats


class DatabaseCollector:
    """Queue depth, dead items, jobs, events to deliver and beats."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _gauge(
            "outreach_queue_items",
            "Wake-ups by lane and condition",
            ["lane", "condition"],
            "SELECT lane, CASE WHEN is_dead THEN 'dead' WHEN locked_until > now() THEN 'running'"
            " WHEN run_at > now() THEN 'delayed' ELSE 'due' END, count(*) FROM jobs_queueitem GROUP BY 1, 2",
        )
        yield _gauge(
            "outreach_jobs", "Jobs of the last day by state", ["state"],
            "SELECT state, count(*) FROM jobs_job WHERE created_at > now() - interval '1 day' GROUP BY 1",
        )  # fmt: skip
        yield _gauge(
            "outreach_event_deliveries_pending", "Event deliveries that wait", [],
            "SELECT count(*) FROM events_delivery WHERE done_at IS NULL",
        )  # fmt: skip
        beats = GaugeMetricFamily(
            "outreach_beat_age_seconds", "Seconds since the last beat", labels=["name", "host", "pid"]
        )
        for row in heartbeats.beats():
            beats.add_metric([row.name, row.host, str(row.pid)], row.age_seconds)
        yield beats


def _gauge(name: str, text: str, labels: list[str], sql: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for *values, number in cursor.fetchall():
            family.add_metric([str(value) for value in values], number)
    return family


def exposition() -> tuple[bytes, str]:
    """The text and its content type."""
    registry = CollectorRegistry()
    collector: Any = DatabaseCollector()
    registry.register(collector)
    return generate_latest(registry), CONTENT_TYPE_LATEST
