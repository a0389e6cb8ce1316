"""Backups by policy."""

from __future__ import annotations

from outreach.backups import services
from outreach.core import words
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import ngettext
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
        return _("Not due")
    start_job(kind="backup", task=WORK)
    return _("Started")


def make(job: Job) -> str:
    backup = services.create(actor=ACTOR)
    rows = ngettext("%(count)s row", "%(count)s rows", backup.row_count) % {"count": backup.row_count}
    return words.joined(", ", (backup.name, rows, _("%(count)s bytes") % {"count": backup.size}))
