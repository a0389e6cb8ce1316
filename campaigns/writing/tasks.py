"""Background work of message texts."""

from __future__ import annotations

from campaigns.writing import services
from outreach.jobs.models import Job


def apply(job: Job) -> str:
    """Write the unsent drafts of a step again."""
    return services.told(services.apply_in_job(job))
