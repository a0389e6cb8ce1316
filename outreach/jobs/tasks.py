"""Tasks of the queue itself."""

from __future__ import annotations

from outreach.core.words import ngettext
from outreach.jobs import heartbeats, periodic, services
from outreach.jobs.models import Job


def run_job(job_id: int) -> None:
    """Run a visible job."""
    job = Job.objects.filter(pk=job_id).first()
    if job is not None:
        services.perform(job)


def run_scheduled(name: str, planned_at: str) -> None:
    """Run one planned moment of a schedule."""
    periodic.run(name, planned_at)


def close_abandoned() -> str:
    """Jobs whose worker died every time."""
    count = services.close_abandoned()
    return ngettext("%(count)s job", "%(count)s jobs", count) % {"count": count}


def prune() -> None:
    """Forget old periodic runs, finished deliveries' wake-ups and stale heartbeats."""
    periodic.prune()
    heartbeats.prune()
