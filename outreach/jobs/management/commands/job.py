"""`manage.py job`: watch and control background work."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors, found
from outreach.jobs import selectors, services
from outreach.jobs.draining import drain
from outreach.jobs.models import Job, QueueItem

ACTOR = Actor.system("command line")


class Command(TyperCommand):
    help = "Watch and steer background work"

    @command("list")
    def list_jobs(
        self,
        state: Annotated[str, typer.Option(help="queued, running, done, failed or cancelled")] = "",
        limit: int = 20,
        as_json: AsJson = False,
    ) -> None:
        """The newest jobs."""
        emit((describe(job) for job in selectors.job_page(state=state, limit=limit)), as_json=as_json)

    @command()
    def dead(self, as_json: AsJson = False) -> None:
        """Queue items that ran out of attempts."""
        emit(
            QueueItem.objects.filter(is_dead=True).values("id", "lane", "task", "arguments", "attempts", "error"),
            as_json=as_json,
        )

    @command()
    def again(self, number: int, as_json: AsJson = False) -> None:
        """Run a failed or cancelled job again."""
        with explained_errors(as_json=as_json):
            emit([describe(services.run_again(job=_job(number), actor=ACTOR))], as_json=as_json)

    @command()
    def cancel(self, number: int, as_json: AsJson = False) -> None:
        """Stop a job."""
        with explained_errors(as_json=as_json):
            emit([describe(services.cancel(job=_job(number), actor=ACTOR))], as_json=as_json)

    @command("drain")
    def drain_lanes(self, lanes: Annotated[list[str] | None, typer.Argument()] = None) -> None:
        """Run all due work in this process until none is left."""
        self.stdout.write(f"{drain(*(lanes or []))} items")


def _job(number: int) -> Job:
    return found(Job.objects.all(), number, "job")


def describe(job: Job) -> dict[str, Any]:
    """One job as a row of output."""
    return {
        "id": job.pk,
        "kind": job.kind,
        "state": job.state,
        "done": job.done_count,
        "total": job.total_count,
        "outcome": job.outcome,
        "error": job.error,
        "created_at": job.created_at.isoformat(),
    }
