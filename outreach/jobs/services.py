"""`enqueue`, the one seam to the queue, and visible jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.db import models, transaction
from django.db.models import Exists, Func, OuterRef
from django.db.models.functions import Now
from structlog.contextvars import bound_contextvars

from outreach.core import clock
from outreach.core.errors import OutreachError, Postponed, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs import queue
from outreach.jobs.models import JOB, Job, QueueItem
from outreach.jobs.policy import JOB_TIMEOUT_SECONDS, LANES
from outreach.jobs.running import resolve

if TYPE_CHECKING:
    from outreach.access.models import User


logger = structlog.get_logger(__name__)

RUN_JOB = "outreach.jobs.tasks.run_job"


def enqueue(
    task: str,
    *arguments: int | str,
    lane: str = "default",
    priority: int = 0,
    delay: timedelta = timedelta(),
    key: str = "",
    timeout_seconds: int = 120,
) -> None:
    """Wake `task` (dotted name in a `tasks` module) in `lane`, as a row in the caller's transaction.

    At least once, in no guaranteed order: tasks look at the rows that they are pointed at and may run twice.
    """
    if lane not in LANES:
        raise ValueError(f"unknown lane {lane!r}")
    queue.put(
        task=task,
        arguments=list(arguments),
        lane=lane,
        priority=priority,
        delay=delay,
        key=key,
        timeout_seconds=timeout_seconds,
    )


@transaction.atomic
def start_job(
    *,
    kind: str,
    task: str,
    arguments: dict[str, Any] | None = None,
    subject: models.Model | None = None,
    started_by: User | None = None,
    lane: str = "default",
    total_count: int | None = None,
) -> Job:
    """A job row and its wake-up. `task` is `def work(job: Job) -> str` in a `tasks` module."""
    job = Job.objects.create(
        kind=kind,
        task=task,
        arguments=arguments or {},
        lane=lane,
        subject_type=subject._meta.label if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        started_by=started_by,
        total_count=total_count,
    )
    _wake(job)
    return job


def _wake(job: Job) -> None:
    enqueue(RUN_JOB, job.pk, lane=job.lane, priority=5, timeout_seconds=JOB_TIMEOUT_SECONDS)


def advance(job: Job, done_count: int, total_count: int | None = None) -> None:
    """Record progress n of m. Raises `Refused` when the job was cancelled: the work stops there."""
    job.done_count = done_count
    if total_count is not None:
        job.total_count = total_count
    changed = Job.objects.filter(pk=job.pk, state=JOB.RUNNING).update(
        done_count=job.done_count, total_count=job.total_count
    )
    if not changed:
        raise Refused(_("The job was cancelled."), code="job_cancelled")


def run_again(*, job: Job, actor: Actor) -> Job:
    """Queue a failed or cancelled job once more, from the beginning of its work."""
    with transaction.atomic():
        JOB.move(job, "queued", actor=actor, changes={"error": "", "outcome": "", "done_count": 0, "finished_at": None})
        _wake(job)
    return job


def cancel(*, job: Job, actor: Actor) -> Job:
    """Stop a job: at once when it is waiting, at its next progress update when it is running."""
    JOB.move(job, "cancelled", actor=actor, changes={"finished_at": clock.now()})
    return job


def perform(job: Job) -> None:
    """Run the job's work in this process and record the outcome."""
    actor = Actor.system("jobs")
    if job.is_running:  # its worker died
        JOB.move(job, "queued", actor=actor, reason=_("The worker died."))
    if not job.is_queued:
        return
    changes = {"started_at": clock.now(), "attempts": job.attempts + 1, "waits_until": None, "outcome": ""}
    JOB.move(job, "running", actor=actor, changes=changes)
    try:
        with bound_contextvars(job=job.pk, subject=f"{job.subject_type}:{job.subject_id}"):
            outcome = resolve(job.task)(job)
    except Postponed as error:
        _postpone(job, error)
    except OutreachError as error:
        _fail(job, error.reason)
    except Exception as error:
        logger.exception("job failed", job=job.pk, kind=job.kind)
        _fail(job, f"{type(error).__name__}: {error}")
    else:
        if Job.objects.filter(pk=job.pk, state=JOB.RUNNING).exists():
            JOB.move(job, "done", actor=actor, changes={"outcome": outcome or "", "finished_at": clock.now()})


def _postpone(job: Job, error: Postponed) -> None:
    """Back into the queue, with the reason, until its moment."""
    if not Job.objects.filter(pk=job.pk, state=JOB.RUNNING).exists():
        return
    with transaction.atomic():
        changes = {"outcome": error.reason[:4000], "waits_until": clock.now() + error.after}
        JOB.move(job, "queued", actor=Actor.system("jobs"), changes=changes, reason=error.reason[:500])
        enqueue(
            RUN_JOB, job.pk, lane=job.lane, priority=5, delay=error.after,
            key=_waits_key(job.pk), timeout_seconds=JOB_TIMEOUT_SECONDS,
        )  # fmt: skip


def _waits_key(job_id: int) -> str:
    return f"postponed job {job_id}"


def resume_postponed(*, lane: str) -> int:
    """Wake all postponed jobs of a lane now, for what they wait for may have come; returns how many."""
    with transaction.atomic():
        jobs = Job.objects.filter(lane=lane, state=JOB.QUEUED, waits_until__isnull=False)
        ids = list(jobs.values_list("pk", flat=True))
        QueueItem.objects.filter(key__in=[_waits_key(pk) for pk in ids], is_dead=False).update(run_at=Now())
        jobs.update(waits_until=clock.now())
        if ids:
            queue.notify_after_commit(lane)
    return len(ids)


def _fail(job: Job, error: str) -> None:
    if Job.objects.filter(pk=job.pk, state=JOB.RUNNING).exists():
        JOB.move(job, "failed", actor=Actor.system("jobs"), changes={"error": error[:4000], "finished_at": clock.now()})


def close_abandoned() -> int:
    """Fail the jobs that nothing will wake again, as their workers died every time; returns how many."""
    waking = QueueItem.objects.filter(
        task=RUN_JOB, is_dead=False, arguments=Func(OuterRef("pk"), function="jsonb_build_array")
    )
    jobs = Job.objects.filter(~Exists(waking), state=JOB.RUNNING)
    for job in jobs:
        _fail(job, _("Its worker died every time it was tried. It may need more memory than this machine has."))
    return len(jobs)


def revive(*, item: QueueItem) -> bool:
    """Give a dead queue item a new set of attempts, now; returns whether it was dead."""
    revived = QueueItem.objects.filter(pk=item.pk, is_dead=True).update(
        is_dead=False, attempts=0, locked_until=None, run_at=Now()
    )
    return bool(revived)
