"""`manage.py crawl`: order crawls, watch and steer them."""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from leads.sources import pipeline, reading, services
from leads.sources.models import CRAWL, CrawlJob
from outreach.core import clock
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors, found
from outreach.jobs.services import perform

ACTOR = Actor.system("command line")
Number = Annotated[int, typer.Argument(help="Number of the crawl job")]


class Command(TyperCommand):
    help = "Order crawls, watch and steer them"

    @command()
    def start(
        self,
        seeds: Annotated[list[str] | None, typer.Argument(help="Addresses of result pages or postings")] = None,
        adapter: str = "listings",
        site: Annotated[str, typer.Option(help="A site from outreach.toml (default: the first one)")] = "",
        account: Annotated[str, typer.Option(help="The account, for the professional network")] = "",
        location: Annotated[list[str] | None, typer.Option("--location", help="May be repeated")] = None,
        category: Annotated[list[str] | None, typer.Option("--category", help="May be repeated")] = None,
        keyword: Annotated[list[str] | None, typer.Option("--keyword", help="May be repeated")] = None,
        pages: Annotated[int, typer.Option(help="Result pages for each address")] = 1,
        priority: Annotated[str, typer.Option(help="low, normal or high")] = "normal",
        refresh: Annotated[int, typer.Option(help="Crawl again every so many minutes; 0: never")] = 0,
        wait: Annotated[bool, typer.Option("--wait", help="Do the work in this process and wait for it")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Order a crawl."""
        with explained_errors(as_json=as_json):
            options = {name: value for name, value in (("site", site), ("account", account)) if value}
            plan = services.CrawlPlan(
                adapter=adapter, seeds=seeds or [], locations=location or [], categories=category or [], keywords=keyword or [],
                pages=pages, priority=priority, refresh_minutes=refresh or None, options=options,
            )  # fmt: skip
            job = services.start_crawl(plan, actor=ACTOR)
            if wait:
                _work(job, as_json=as_json)
            emit([describe(job)], as_json=as_json)
        if wait and job.is_failed:
            raise typer.Exit(1)

    @command("list")
    def list_jobs(
        self,
        state: Annotated[str, typer.Option(help="queued, running, paused, done, failed or cancelled")] = "",
        limit: int = 20,
        as_json: AsJson = False,
    ) -> None:
        """The newest crawl jobs."""
        jobs = CrawlJob.objects.filter(**({"state": state} if state else {})).order_by("-pk")[: max(1, limit)]
        emit((describe(job) for job in jobs), as_json=as_json)

    @command()
    def pause(self, number: Number, as_json: AsJson = False) -> None:
        """Hold a job after the page that it is at."""
        self._steer(services.pause, number, as_json)

    @command()
    def resume(self, number: Number, as_json: AsJson = False) -> None:
        """Go on where a paused job stood."""
        self._steer(services.resume, number, as_json)

    @command()
    def retry(self, number: Number, as_json: AsJson = False) -> None:
        """Go on with a stopped or cancelled job; a finished one starts a new round."""
        self._steer(services.retry, number, as_json)

    @command()
    def cancel(self, number: Number, as_json: AsJson = False) -> None:
        """Give a job up."""
        self._steer(services.cancel, number, as_json)

    @command()
    def status(
        self,
        number: Annotated[int, typer.Argument(help="A job (default: the whole queue)")] = 0,
        as_json: AsJson = False,
    ) -> None:
        """How far one job is, or what the queue holds."""
        with explained_errors(as_json=as_json):
            emit([describe(_job(number)) if number else services.queue_status()], as_json=as_json)

    @command("read-again")
    def read_again(
        self,
        adapter: str = "listings",
        everything: Annotated[
            bool, typer.Option("--all", help="Include records already read by the current adapter")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Read stored records with today's adapter, in this process."""
        with explained_errors(as_json=as_json):
            job = reading.start(adapter=adapter, everything=everything)
            perform(job)
            emit([{"job": job.pk, "state": job.state, "outcome": job.outcome, "error": job.error}], as_json=as_json)

    def _steer(self, work: Any, number: int, as_json: bool) -> None:
        with explained_errors(as_json=as_json):
            emit([describe(work(job=_job(number), actor=ACTOR))], as_json=as_json)


def _work(job: CrawlJob, *, as_json: bool) -> None:
    """Bite after bite until nothing is left to do, with a progress bar; workers may help."""
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), disable=as_json or not sys.stderr.isatty(), transient=True,
    )  # fmt: skip
    with bar:
        shown = bar.add_task(job.name, total=job.total_count)
        while job.state in CRAWL.open:
            pipeline.bite(job.pk)
            job.refresh_from_db()
            bar.update(shown, completed=job.done_count, total=job.total_count)
            if job.state in CRAWL.open:
                pause = (job.waits_until - clock.now()).total_seconds() if job.waits_until else 0.2
                time.sleep(min(max(pause, 0.05), 5))


def _job(number: int) -> CrawlJob:
    return found(CrawlJob.objects.all(), number, "crawl job", field="number")


def describe(job: CrawlJob) -> dict[str, Any]:
    """A crawl job as one row."""
    return {
        "id": job.pk, "name": job.name, "adapter": job.adapter, "state": job.state, "done": job.done_count, "total": job.total_count,
        "new": job.new_count, "changed": job.changed_count, "unchanged": job.unchanged_count, "skipped": job.skipped_count,
        "failed": job.failed_count, "remarks": job.remarks, "reason": job.reason, "reason_code": job.reason_code,
        "refresh_at": job.refresh_at.isoformat() if job.refresh_at else None,
    }  # fmt: skip
