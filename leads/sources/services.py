"""Crawl jobs: start, pause, resume, retry, cancel; and storing of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Count, Min

from leads.sources import registry
from leads.sources.base import Order, Target
from leads.sources.models import CRAWL, CrawlJob, CrawlPage
from outreach.core import clock
from outreach.core.audit import record as audit
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.jobs.services import enqueue

if TYPE_CHECKING:
    from outreach.access.models import User

MAX_PAGES = 500
MAX_TEXTS = 200
REFRESH_MINUTES = (10, 10_080)
"""No oftener than every ten minutes, no rarer than once a week."""
TASK = "leads.sources.tasks.crawl"
PRIORITIES = {"low": CrawlJob.Priority.LOW, "normal": CrawlJob.Priority.NORMAL, "high": CrawlJob.Priority.HIGH}


@dataclass(frozen=True)
class CrawlPlan:
    """Where an adapter looks, for what, how far and how often."""

    adapter: str
    seeds: Iterable[str] = ()
    locations: Iterable[str] = ()
    categories: Iterable[str] = ()
    keywords: Iterable[str] = ()
    pages: int = 1
    priority: str | int = "normal"
    options: Mapping[str, Any] | None = None
    refresh_minutes: int | None = None
    name: str = ""

    def job(self) -> CrawlJob:
        """The job, not saved. Raises `Invalid` naming the field that does not do."""
        return CrawlJob(
            name=" ".join(self.name.split())[:200],
            adapter=self.adapter,
            seeds=_texts("seeds", self.seeds),
            locations=_texts("locations", self.locations),
            categories=_texts("categories", self.categories),
            keywords=_texts("keywords", self.keywords),
            pages=_between("pages", self.pages, 1, MAX_PAGES),
            priority=_priority(self.priority),
            options=dict(self.options or {}),
            refresh_minutes=_refresh(self.refresh_minutes),
        )


@transaction.atomic
def start_crawl(
    plan: CrawlPlan,
    *,
    subject: models.Model | None = None,
    started_by: User | None = None,
    actor: Actor | None = None,
) -> CrawlJob:
    """Start a crawl at once in the lane `web`.

    `subject` is what it is for (a campaign), found again by `subject_type` and `subject_id`. Raises `Invalid` naming
    the field that does not do.
    """
    job = plan.job()
    job.started_by = started_by
    if subject is not None:
        job.subject_type, job.subject_id = subject._meta.label, str(subject.pk)
    targets = registry.adapter(job.adapter).targets(order_of(job))
    job.name = job.name or _name(job, targets)
    job.save()
    audit("crawl job.created", subject=job, actor=actor or _actor(started_by), data={"adapter": job.adapter})
    add_pages(job, targets)
    wake(job)
    return job


def _actor(user: User | None) -> Actor:
    return Actor.of(user) if user is not None else Actor.system("sources")


def order_of(job: CrawlJob) -> Order:
    """A job as the adapter sees it."""
    return Order(job.seeds, job.locations, job.categories, job.keywords, job.pages, job.options)


def add_pages(job: CrawlJob, targets: Iterable[Target]) -> int:
    """Write down pages to visit, each address once; how many were new. The total of the job follows."""
    rows = [
        CrawlPage(
            job=job,
            url=t.url,
            kind=t.kind,
            number=t.number,
            data=dict(t.data),
            source=t.source,
            external_id=t.external_id,
        )
        for t in targets
    ]
    known = set(CrawlPage.objects.filter(job=job, url__in=[row.url for row in rows]).values_list("url", flat=True))
    new = list({row.url: row for row in rows if row.url not in known}.values())
    CrawlPage.objects.bulk_create(new, ignore_conflicts=True)
    if new:
        CrawlJob.objects.filter(pk=job.pk).update(total_count=models.F("total_count") + len(new))
        job.total_count += len(new)
    return len(new)


def wake(job: CrawlJob, *, delay: timedelta = timedelta()) -> None:
    """Wake a worker of the lane `web` to continue the job."""
    enqueue(TASK, job.pk, lane="web", priority=job.priority, delay=delay, key=f"crawl:{job.pk}", timeout_seconds=300)


def pause(*, job: CrawlJob, actor: Actor, reason: str = "") -> CrawlJob:
    """Hold a job after the page that it is at. What is left stays written down."""
    CRAWL.move(job, "paused", actor=actor, reason=reason, changes={"reason": reason, "reason_code": ""})
    announce(job)
    return job


def resume(*, job: CrawlJob, actor: Actor) -> CrawlJob:
    """Go on where a paused job stood."""
    return _requeue(job, actor, sources=("paused",))


def retry(*, job: CrawlJob, actor: Actor) -> CrawlJob:
    """Go on with a stopped or cancelled job: pages that failed are tried again. A finished one starts a new round."""
    with transaction.atomic():
        if job.is_done:
            return start_round(job=job, actor=actor)
        failed = CrawlPage.objects.filter(job=job, state=CrawlPage.State.FAILED)
        count = failed.update(state=CrawlPage.State.WAITING, attempts=0, error="", error_code="", next_at=None)
        CrawlPage.objects.filter(job=job, state=CrawlPage.State.WAITING).update(attempts=0, next_at=None)
        job.failed_count = max(0, job.failed_count - count)
        job.done_count = max(0, job.done_count - count)
        job.save(update_fields=["failed_count", "done_count"])
        return _requeue(job, actor, sources=("failed", "cancelled"))


@transaction.atomic
def start_round(*, job: CrawlJob, actor: Actor) -> CrawlJob:
    """Crawl a finished job again from the start: unchanged records cost nothing."""
    targets = registry.adapter(job.adapter).targets(order_of(job))
    counts = (
        "done_count",
        "total_count",
        "new_count",
        "changed_count",
        "unchanged_count",
        "skipped_count",
        "failed_count",
    )
    CRAWL.move(
        job,
        "queued",
        actor=actor,
        sources=("done", "failed"),
        changes={**dict.fromkeys(counts, 0), "round": job.round + 1, "reason": "", "reason_code": "", "remarks": {},
                 "finished_at": None, "refresh_at": None, "waits_until": None},
    )  # fmt: skip
    CrawlPage.objects.filter(job=job).delete()
    add_pages(job, targets)
    wake(job)
    return job


def cancel(*, job: CrawlJob, actor: Actor) -> CrawlJob:
    """Cancel a job; no refresh follows. `retry` starts it again."""
    CRAWL.move(job, "cancelled", actor=actor, changes={"finished_at": clock.now(), "refresh_at": None, "reason": ""})
    announce(job)
    return job


@transaction.atomic
def _requeue(job: CrawlJob, actor: Actor, *, sources: tuple[str, ...]) -> CrawlJob:
    CRAWL.move(
        job, "queued", actor=actor, sources=sources,
        changes={"reason": "", "reason_code": "", "finished_at": None, "waits_until": None},
    )  # fmt: skip
    wake(job)
    announce(job)
    return job


@transaction.atomic
def set_refresh(*, job: CrawlJob, minutes: int | None, actor: Actor) -> CrawlJob:
    """Crawl again every so many minutes after it is done; None: never."""
    job.refresh_minutes = _refresh(minutes)
    job.refresh_at = None
    if job.refresh_minutes and job.is_done:
        job.refresh_at = (job.finished_at or clock.now()) + timedelta(minutes=job.refresh_minutes)
    job.save(update_fields=["refresh_minutes", "refresh_at", "updated_at"])
    audit("crawl job.refresh_set", subject=job, actor=actor, data={"minutes": job.refresh_minutes})
    return job


def announce(job: CrawlJob) -> None:
    """Tell who listens how far the job is."""
    publish("scraper.progress", job_id=job.pk, done=job.done_count, total=job.total_count, state=job.state)


def queue_status() -> dict[str, Any]:
    """Counts of jobs by state, pages that wait, and since when the oldest open job waits."""
    states = dict(CrawlJob.objects.values_list("state").annotate(count=Count("id")).order_by())
    open_jobs = CrawlJob.objects.filter(state__in=CRAWL.open)
    waiting = CrawlPage.objects.filter(job__in=open_jobs, state=CrawlPage.State.WAITING).count()
    return {
        "jobs": {name: states.get(name, 0) for name in CRAWL.states},
        "pages_waiting": waiting,
        "oldest_open_at": open_jobs.aggregate(at=Min("created_at"))["at"],
        "next_refresh_at": CrawlJob.objects.filter(refresh_at__isnull=False).aggregate(at=Min("refresh_at"))["at"],
    }


def _name(job: CrawlJob, targets: list[Target]) -> str:
    words = [*job.keywords, *job.categories, *job.locations]
    return " · ".join(words)[:200] or targets[0].url[:200]


def _texts(field: str, values: Iterable[str]) -> list[str]:
    texts = list(dict.fromkeys(text for value in values if (text := " ".join(str(value).split()))))
    if len(texts) > MAX_TEXTS or any(len(text) > 2000 for text in texts):
        raise Invalid(
            field,
            _("Enter at most %(count)s entries of 2,000 characters each.") % {"count": MAX_TEXTS},
            code="too_many",
        )
    return texts


def _between(field: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise Invalid(
            field, _("Enter a number from %(low)s to %(high)s.") % {"low": low, "high": high}, code="out_of_range"
        )
    return value


def _refresh(minutes: int | None) -> int | None:
    return None if not minutes else _between("refresh_minutes", minutes, *REFRESH_MINUTES)


def _priority(value: str | int) -> int:
    if value in PRIORITIES:
        return PRIORITIES[str(value)]
    if value in CrawlJob.Priority.values:
        return int(value)
    raise Invalid("priority", _("The priority must be low, normal or high."), code="priority_unknown")
