"""Background work of imports."""

from __future__ import annotations

from leads.imports import services
from leads.imports.models import Batch
from outreach.jobs.models import Job
from outreach.jobs.services import advance


def run(job: Job) -> str:
    """Import the batch named by the job's arguments."""
    batch = Batch.objects.get(pk=job.arguments["batch_id"])
    counts = services.run(batch=batch, progress=lambda done: advance(job, min(done, job.total_count or done)))
    advance(job, counts["rows"], counts["rows"])
    return services.outcome(counts)
