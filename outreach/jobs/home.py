"""What jobs show on the home page."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils.translation import gettext as _

from outreach.access.permissions import viewer_has
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.home import Panel, Tile
from outreach.core.navigation import address
from outreach.jobs import heartbeats
from outreach.jobs.models import JOB, Heartbeat, Job

RECENT = timedelta(days=7)


def jobs_failed(request: HttpRequest) -> Tile | None:
    """Jobs of the last week that failed and were not run again; for those who may run them."""
    if not viewer_has(request, Role.OPERATOR):
        return None
    rows = Job.objects.filter(state=JOB.FAILED, created_at__gt=clock.now() - RECENT)
    return Tile(_("failed jobs"), rows, f"{address('jobs:list')}?state=failed", colour="red")


def processes_silent(request: HttpRequest) -> Tile | None:
    """Processes of any machine that should work and do not; for those who may look after them."""
    if not viewer_has(request, Role.OPERATOR):
        return None
    rows = Heartbeat.objects.silent(timedelta(seconds=heartbeats.SILENT_SECONDS))
    return Tile(_("silent processes"), rows, address("jobs:list"), colour="red")


def jobs_running(request: HttpRequest) -> Panel | None:
    """Work in progress; nothing when there is none."""
    jobs = list(Job.objects.open().order_by("-pk")[:4])
    if not jobs:
        return None
    return Panel(_("In progress"), "jobs/_home_running.html", {"jobs": jobs}, 20, "side", address("jobs:list"))
