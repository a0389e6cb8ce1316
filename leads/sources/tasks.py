"""Background work of sources."""

from __future__ import annotations

from leads.sources import pipeline, reading, refreshing
from outreach.jobs.models import Job


def crawl(job_id: int) -> str:
    """One bite of a crawl job."""
    return pipeline.bite(job_id)


def refresh() -> None:
    """Start the rounds that are due and wake jobs whose wake-up was lost."""
    refreshing.run()


def read_again(job: Job) -> str:
    """Read stored records with today's adapters."""
    return reading.run(job)
