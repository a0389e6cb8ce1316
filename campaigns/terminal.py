"""What the subcommands of `manage.py campaign` share, here and in the rooms that bring some as plugins."""

from __future__ import annotations

from typing import Annotated

import typer

from campaigns.models import Campaign
from outreach.core.models import Actor
from outreach.core.terminal import emit, found
from outreach.jobs.draining import drain
from outreach.jobs.models import Job

Wait = Annotated[bool, typer.Option("--wait", help="Do the background work in this process and wait for it")]
Name = Annotated[str, typer.Argument(help="Name or id of the campaign")]
ACTOR = Actor.system("command line")


def found_campaign(text: str) -> Campaign:
    return found(Campaign.objects.all(), text, "campaign", "name")


def drain_now() -> None:
    drain()


def emit_job(job: Job, *, wait: bool, as_json: bool) -> None:
    if wait:
        drain_now()
        job.refresh_from_db()
    emit(
        [{"job": job.pk, "kind": job.kind, "state": job.state, "outcome": job.outcome, "error": job.error}],
        as_json=as_json,
    )
    if job.is_failed:
        raise typer.Exit(1)
