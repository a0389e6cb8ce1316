"""Figures for Prometheus, read from the database when asked: the same on every machine and after every restart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from outreach.backups.services import newest_age_seconds
from outreach.jobs import heartbeats
from outreach.ops import figures, machine


class DatabaseCollector:
    """What the rooms contribute, heartbeats, the last backup and this machine."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for figure in figures.FIGURES.entries():
            family = GaugeMetricFamily(figure.name, figure.help, labels=figure.labels)
            for values, number in figures.rows(figure):
                family.add_metric(values, number)
            yield family
        beats = GaugeMetricFamily(
            "outreach_beat_age_seconds", "Seconds since the last beat", labels=["name", "host", "pid"]
        )
        for row in heartbeats.beats():
            beats.add_metric([row.name, row.host, str(row.pid)], row.age_seconds)
        yield beats
        if (age := newest_age_seconds()) is not None:
            yield GaugeMetricFamily("outreach_backup_age_seconds", "Age of the newest backup", value=age)
        here = machine.look()
        yield GaugeMetricFamily(
            "outreach_disk_free_bytes", "Free on the disk of the data directory", value=here.disk_free
        )
        yield GaugeMetricFamily("outreach_memory_bytes", "Memory of this machine's processes", value=here.memory_used)


def exposition() -> tuple[bytes, str]:
    """The text and its content type."""
    registry = CollectorRegistry()
    collector: Any = DatabaseCollector()
    registry.register(collector)
    return generate_latest(registry), CONTENT_TYPE_LATEST
