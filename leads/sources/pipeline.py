"""One slice of a crawl job: visit some pages, store the results, note where to continue.

The frontier is rows, and what one page brought commits together with the mark that it was visited: a worker that is
killed loses nothing and repeats at most one visit.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q

from leads.sources import registry
from leads.sources.base import Adapter, Session, Stop, Target, Unreadable, Visit
from leads.sources.intake import keep, take_in
from leads.sources.models import CRAWL, CrawlJob, CrawlPage, RawRecord
from leads.sources.services import add_pages, announce, wake
from outreach.core import clock
from outreach.core.errors import Invalid, OutreachError, Permanent, Refused, Retryable
from outreach.core.models import Actor
from outreach.core.words import gettext as _

logger = structlog.get_logger(__name__)

ACTOR = Actor.system("sources")
HOLD = timedelta(seconds=120)
"""One worker at a job; renewed with every page, lapses when the worker died."""
MAX_ATTEMPTS = 5
"""Visits to one page that failed for a passing reason; waiting for our turn is not counted."""
MAX_FAILED_IN_A_ROW = 10
"""Pages in a row that could not be read: then the site or the adapter is at fault, not the page."""
SEEN_RECENTLY = timedelta(hours=6)
"""A record seen within this time is not fetched again in a refresh."""
NOT_COUNTED = frozenset({"wait_for_turn", "session_busy"})


def bite(job_id: int) -> str:
    """Work on a job for one slice of its adapter; returns the result in a word."""
    job = CrawlJob.objects.filter(pk=job_id).first()
    if job is None or job.state not in CRAWL.open:
        return "not open"
    if not _hold(job):
        wake(job, delay=HOLD)
        return "held by another worker"
    try:
        adapter = registry.adapter(job.adapter)
        if job.is_queued:
            CRAWL.move(job, "running", actor=ACTOR, changes={"started_at": job.started_at or clock.now()})
        return _work(job, adapter)
    except Stop as error:
        return _stop(job, error.reason, error.code)
    except Retryable as error:
        return _wait(job, error)
    except (Invalid, Permanent, Refused) as error:
        return _stop(job, error.reason, error.code)
    finally:
        CrawlJob.objects.filter(pk=job.pk).update(held_until=None)


def _hold(job: CrawlJob) -> bool:
    now = clock.now()
    free = Q(held_until=None) | Q(held_until__lt=now)
    return bool(CrawlJob.objects.filter(free, pk=job.pk, state__in=CRAWL.open).update(held_until=now + HOLD))


def _work(job: CrawlJob, adapter: Adapter) -> str:
    ends_at = clock.now() + adapter.bite
    if _next_page(job) is None:
        return _finish(job)
    with adapter.session(job) as session:
        while (page := _next_page(job)) is not None:
            if not _is_still_ours(job):
                return "stopped by hand"
            if page.next_at and page.next_at > clock.now():
                return _sleep(job, page.next_at)
            _visit(job, adapter, session, page)
            if clock.now() >= ends_at:
                wake(job)
                return "more to do"
    return _finish(job)


def _next_page(job: CrawlJob) -> CrawlPage | None:
    """The page whose turn it is: those that wait for no moment first, in the order in which they were found."""
    waiting = CrawlPage.objects.filter(job=job, state=CrawlPage.State.WAITING)
    return waiting.order_by(F("next_at").asc(nulls_first=True), "id").first()


def _is_still_ours(job: CrawlJob) -> bool:
    """Whether the job has not been paused or cancelled; renews the hold."""
    return bool(CrawlJob.objects.filter(pk=job.pk, state=CRAWL.RUNNING).update(held_until=clock.now() + HOLD))


def _visit(job: CrawlJob, adapter: Adapter, session: Session, page: CrawlPage) -> None:
    """Visit one page and record the result. Raises `Stop`, and `Retryable` when it must wait."""
    target = Target(page.url, page.kind, page.number, page.data, page.source, page.external_id)
    if _seen_recently(job, page):
        _done(job, page, Visit(), adapter, is_skipped=True)
        return
    try:
        visit = session.visit(target)
    except Retryable as error:
        if error.code in NOT_COUNTED:
            raise
        _postpone(job, page, error)
    except (Unreadable, Permanent, Invalid) as error:
        _failed(job, page, error, adapter)
        if _is_hopeless(job):
            raise Stop(
                _("%(count)s pages in a row could not be read. The last one: %(reason)s")
                % {"count": MAX_FAILED_IN_A_ROW, "reason": error.reason},
                code="too_many_failures",
            ) from error
    else:
        _done(job, page, visit, adapter)


def _seen_recently(job: CrawlJob, page: CrawlPage) -> bool:
    """In a refresh: whether the page's record was seen a short while ago, by its id or its address."""
    if not page.source or job.round == 1:
        return False
    same = Q(url=page.url) | Q(external_id=page.external_id) if page.external_id else Q(url=page.url)
    seen = RawRecord.objects.filter(same, source=page.source, taken_at__isnull=False)
    return seen.filter(last_seen_at__gt=clock.now() - SEEN_RECENTLY).exists()


@transaction.atomic
def _done(job: CrawlJob, page: CrawlPage, visit: Visit, adapter: Adapter, *, is_skipped: bool = False) -> None:
    state = CrawlPage.State.SKIPPED if is_skipped else CrawlPage.State.DONE
    if not _mark(page, state, remark=visit.remark):
        return
    counts = {
        "done_count": 1,
        "skipped_count": int(is_skipped),
        "new_count": 0,
        "changed_count": 0,
        "unchanged_count": 0,
    }
    for found in visit.found:
        record = keep(
            job=job, source=found.source, external_id=found.external_id, url=found.url, media_type=found.media_type,
            body=found.body, adapter=adapter.name, adapter_version=adapter.version,
        )  # fmt: skip
        if found.features is None:
            continue
        intake = take_in(record=record, features=found.features)
        counts["new_count" if intake.is_new else "changed_count" if intake.is_changed else "unchanged_count"] += 1
    add_pages(job, visit.targets)
    _count(job, counts, remark=visit.remark)


@transaction.atomic
def _failed(job: CrawlJob, page: CrawlPage, error: OutreachError, adapter: Adapter) -> None:
    """Note that a page will not do; its bytes stay as a record."""
    if not _mark(page, CrawlPage.State.FAILED, error=error.reason, error_code=error.code):
        return
    if isinstance(error, Unreadable) and error.body:
        record = keep(
            job=job, source=page.source or adapter.name, external_id=page.external_id or page.url, url=page.url,
            media_type=error.media_type, body=error.body, adapter=adapter.name, adapter_version=adapter.version,
        )  # fmt: skip
        RawRecord.objects.filter(pk=record.pk).update(problem=error.reason, problem_code=error.code)
    _count(job, {"done_count": 1, "failed_count": 1})


def _is_hopeless(job: CrawlJob) -> bool:
    visited = CrawlPage.objects.filter(job=job, visited_at__isnull=False).order_by("-visited_at", "-id")
    states = list(visited.values_list("state", flat=True)[:MAX_FAILED_IN_A_ROW])
    return len(states) == MAX_FAILED_IN_A_ROW and set(states) == {"failed"}


def _mark(page: CrawlPage, state: str, *, remark: str = "", error: str = "", error_code: str = "") -> bool:
    """Settle a page; False when another worker did."""
    waiting = CrawlPage.objects.filter(pk=page.pk, state=CrawlPage.State.WAITING)
    return bool(
        waiting.update(
            state=state, remark=remark, error=error[:2000], error_code=error_code, visited_at=clock.now(),
            attempts=F("attempts") + 1,
        )
    )  # fmt: skip


def _postpone(job: CrawlJob, page: CrawlPage, error: Retryable) -> None:
    """A passing fault: this page later, after ever longer waits; then it has failed."""
    page.attempts += 1
    if page.attempts >= MAX_ATTEMPTS:
        with transaction.atomic():
            _mark(page, CrawlPage.State.FAILED, error=error.reason, error_code=error.code)
            _count(job, {"done_count": 1, "failed_count": 1})
        return
    wait = max(error.after, timedelta(seconds=15 * 2**page.attempts))
    CrawlPage.objects.filter(pk=page.pk).update(
        attempts=page.attempts, next_at=clock.now() + wait, error=error.reason[:2000], error_code=error.code
    )


def _count(job: CrawlJob, counts: dict[str, int], *, remark: str = "") -> None:
    for name, count in counts.items():
        setattr(job, name, getattr(job, name) + count)
    if remark:
        job.remarks[remark] = job.remarks.get(remark, 0) + 1
    job.save(update_fields=[*counts, "remarks", "updated_at"])
    announce(job)


def _sleep(job: CrawlJob, until: datetime) -> str:
    CrawlJob.objects.filter(pk=job.pk).update(waits_until=until)
    wake(job, delay=max(timedelta(seconds=1), until - clock.now()))
    return "waits"


def _wait(job: CrawlJob, error: Retryable) -> str:
    """Not our turn, or the site is spared: the whole job comes back later."""
    is_long = error.after > timedelta(seconds=30)
    CrawlJob.objects.filter(pk=job.pk, state__in=CRAWL.open).update(
        waits_until=clock.now() + error.after,
        reason=error.reason if is_long else "",
        reason_code=error.code if is_long else "",
    )
    wake(job, delay=error.after)
    return "waits"


def _stop(job: CrawlJob, reason: str, code: str) -> str:
    job.refresh_from_db(fields=["state"])
    if job.state in CRAWL.open:
        CRAWL.move(
            job, "failed", actor=ACTOR, reason=code,
            changes={"reason": reason[:2000], "reason_code": code, "finished_at": clock.now()},
        )  # fmt: skip
        announce(job)
    return "stopped"


def _finish(job: CrawlJob) -> str:
    """No page is left. A job whose every page failed has failed."""
    if job.total_count and job.failed_count >= job.total_count:
        first = CrawlPage.objects.filter(job=job, state=CrawlPage.State.FAILED).order_by("id").first()
        return _stop(
            job, first.error if first else _("No page could be read."), first.error_code if first else "failed"
        )
    now = clock.now()
    refresh_at = now + timedelta(minutes=job.refresh_minutes) if job.refresh_minutes else None
    job.refresh_from_db(fields=["state"])
    if job.is_running:
        CRAWL.move(
            job, "done", actor=ACTOR,
            changes={"finished_at": now, "refresh_at": refresh_at, "waits_until": None, "reason": "", "reason_code": ""},
        )  # fmt: skip
        announce(job)
    return "done"
