"""Background work of the lists."""

from __future__ import annotations

from collections import Counter

from django.utils.translation import override

from leads import bulk as actions
from leads.directory import bulk
from leads.directory.listing import KINDS
from outreach.core.errors import Permanent
from outreach.core.models import Actor
from outreach.jobs.models import Job
from outreach.jobs.services import advance


def apply_to_many(job: Job) -> str:
    """Apply the action that the job's arguments name to their selection. Running it again does what is left."""
    selection = bulk.Selection.from_json(job.arguments)
    action = actions.action(KINDS[selection.kind].actions, job.arguments["action"])
    if action is None:
        raise Permanent("This action no longer exists.", code="action_unknown")
    found = job.arguments.get("progress") or {"after": 0, "seen": 0, "counts": {}}
    total = job.total_count or found["seen"] + selection.rows().order_by().filter(pk__gt=found["after"]).count()

    def keep(progress: bulk.Progress) -> None:
        advance(job, min(progress.seen, total), total)
        job.arguments["progress"] = {"after": progress.after, "seen": progress.seen, "counts": dict(progress.counts)}
        Job.objects.filter(pk=job.pk).update(arguments=job.arguments)

    advance(job, min(found["seen"], total), total)
    with override(job.arguments["language"]):
        return bulk.apply(
            action,
            selection,
            parameters=job.arguments["parameters"],
            actor=Actor.of(job.started_by) if job.started_by else Actor.system("bulk"),
            progress=bulk.Progress(found["after"], found["seen"], Counter(found["counts"])),
            keep=keep,
        )
