"""The periodic check of crawl jobs: due rounds and lost wake-ups. Found by index, never by a scan."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from leads.sources.models import CRAWL, CrawlJob
from leads.sources.services import start_round, wake
from outreach.core import clock
from outreach.core.errors import OutreachError
from outreach.core.models import Actor

logger = structlog.get_logger(__name__)

BATCH = 200
LOST_AFTER = timedelta(minutes=10)
"""An open job that nobody touched for so long, and that waits for nothing, has lost its wake-up."""


def run() -> int:
    """Start what is due; how many rounds were started."""
    now = clock.now()
    started = 0
    for job_id in list(
        CrawlJob.objects.filter(refresh_at__lte=now).order_by("refresh_at").values_list("pk", flat=True)[:BATCH]
    ):
        started += _start(job_id)
    quiet = Q(waits_until=None) | Q(waits_until__lt=now)
    for job in CrawlJob.objects.filter(quiet, state__in=CRAWL.open, updated_at__lt=now - LOST_AFTER)[:BATCH]:
        wake(job)
    return started


def _start(job_id: int) -> bool:
    """A round of one job, under its lock; False when it is not due any more."""
    with transaction.atomic():
        job = (
            CrawlJob.objects.select_for_update(skip_locked=True).filter(pk=job_id, refresh_at__lte=clock.now()).first()
        )
        if job is None:
            return False
        if not job.is_done:
            CrawlJob.objects.filter(pk=job_id).update(refresh_at=None)
            return False
        try:
            start_round(job=job, actor=Actor.system("sources.refresh"))
        except OutreachError as error:
            logger.warning("refresh refused", job=job_id, reason=error.reason)
            CrawlJob.objects.filter(pk=job_id).update(
                refresh_at=None, reason=error.reason[:2000], reason_code=error.code
            )
            return False
    return True
