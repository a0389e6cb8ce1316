"""Background work of imports and exports."""

from __future__ import annotations

from leads.imports import reports, retention, services
from leads.imports.exports import services as exports
from leads.imports.models import Batch, Export
from leads.imports.upsert import undo as undoing
from outreach.core import clock
from outreach.core.models import Actor
from outreach.jobs.models import Job
from outreach.jobs.services import advance


def run(job: Job) -> str:
    """Import the batch named by the job's arguments."""
    batch = Batch.objects.get(pk=job.arguments["batch_id"])
    counts = services.run(batch=batch, progress=lambda done: advance(job, min(done, job.total_count or done)))
    advance(job, counts["rows"], counts["rows"])
    return reports.outcome(counts)


def dry_run(job: Job) -> str:
    """Count what an import would do, for the batch named by the job's arguments."""
    batch = Batch.objects.get(pk=job.arguments["batch_id"])
    counts = services.dry_run(batch=batch, progress=lambda done: advance(job, min(done, job.total_count or done)))
    advance(job, counts["rows"], counts["rows"])
    return reports.outcome(counts)


def undo(job: Job) -> str:
    """Undo the batch named by the job's arguments."""
    batch = Batch.objects.get(pk=job.arguments["batch_id"])
    actor = Actor.of(job.started_by) if job.started_by else Actor.system("undo")
    counts = undoing.run(batch=batch, actor=actor)
    return (
        ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count) or "nothing to undo"
    )


def export(job: Job) -> str:
    """Write the file of the export named by the job's arguments."""
    row = Export.objects.get(pk=job.arguments["export_id"])
    exports.write(export=row, progress=lambda done: advance(job, done))
    return f"{row.row_count} rows"


def remove_old_files() -> str:
    """Files of imports and exports whose time is over."""
    return f"{retention.remove_old_files(now=clock.now())} files"
