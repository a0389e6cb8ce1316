"""Background work of the lists."""

from __future__ import annotations

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
    return bulk.apply(
        action,
        selection,
        parameters=job.arguments["parameters"],
        actor=Actor.of(job.started_by) if job.started_by else Actor.system("bulk"),
        progress=lambda done: advance(job, min(done, job.total_count or done)),
        language=job.arguments["language"],
    )
