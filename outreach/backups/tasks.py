"""Backups by policy."""

from __future__ import annotations

from outreach.backups import services
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.jobs.models import Job
from outreach.jobs.services import start_job

ACTOR = Actor.system("backups")
WORK = "outreach.backups.tasks.make"


def schedule() -> str:
    """Start a backup when the policy wants one and none is being made."""
    try:
        services.passphrase()
    except Refused as error:
        return error.reason
    if Job.objects.open().filter(task=WORK).exists() or not services.is_due():
        return "not due"
    start_job(kind="backup", task=WORK)
    return "started"


def make(job: Job) -> str:
    backup = services.create(actor=ACTOR)
    return f"{backup.name}, {backup.row_count} rows, {backup.size} bytes"
