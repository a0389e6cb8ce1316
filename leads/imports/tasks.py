"""Background work of imports and exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leads.imports import abandoned, reports, retention, services
from leads.imports.exports import services as exports
from leads.imports.models import Batch, Export
from leads.imports.upsert import undo as undoing
from outreach.core import clock, words
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import ngettext
from outreach.jobs.models import Job
from outreach.jobs.services import advance


def run(job: Job) -> str:
    """Import the batch named by the job's arguments."""
    return _counted(job, services.run)


def dry_run(job: Job) -> str:
    """Count what an import would do, for the batch named by the job's arguments."""
    return _counted(job, services.dry_run)


def _counted(job: Job, work: Callable[..., dict[str, Any]]) -> str:
    batch = Batch.objects.get(pk=job.arguments["batch_id"])
    counts = work(batch=batch, progress=lambda done: advance(job, min(done, job.total_count or done)))
    advance(job, counts["rows"], counts["rows"])
    return reports.outcome(counts)


def undo(job: Job) -> str:
    """Undo the batch named by the job's arguments."""
    batch = Batch.objects.get(pk=job.arguments["batch_id"])
    actor = Actor.of(job.started_by) if job.started_by else Actor.system("undo")
    counts = undoing.run(batch=batch, actor=actor)
    told = [words.joined(" ", (str(count), what)) for what, count in reports.undone(counts)]
    return words.joined(", ", told) if told else _("Nothing to undo")


def export(job: Job) -> str:
    """Write the file of the export named by the job's arguments."""
    row = Export.objects.get(pk=job.arguments["export_id"])
    exports.write(export=row, progress=lambda done: advance(job, done))
    count = row.row_count or 0
    return ngettext("%(count)s row", "%(count)s rows", count) % {"count": count}


def close_abandoned() -> str:
    """Imports whose process was killed."""
    count = abandoned.close()
    return ngettext("%(count)s import", "%(count)s imports", count) % {"count": count}


def remove_old_files() -> str:
    """Files of imports and exports whose time is over."""
    count = retention.remove_old_files(now=clock.now())
    return ngettext("%(count)s file", "%(count)s files", count) % {"count": count}
