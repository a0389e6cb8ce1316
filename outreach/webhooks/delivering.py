"""Carries out due deliveries: many at a time, few to each receiver, none of them able to hold the others or the lane.

One process at a time does it. This thread claims and records; threads of a pool wait for the network and ask no database.
A claim costs an attempt and puts the row off, so that a process that dies loses nothing and repeats at most what it held.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F

from outreach.core import clock
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.jobs.periodic import exclusive
from outreach.limits.circuit import FAILURES_TO_OPEN, Snapshot, after_failure
from outreach.webhooks import retries
from outreach.webhooks.connectors.base import Outcome
from outreach.webhooks.models import DELIVERY, Delivery, Subscription
from outreach.webhooks.services import carry_out, note_answer, order_of, switch, wake

logger = structlog.get_logger(__name__)

THREADS = 16
LEASE = timedelta(seconds=90)
"""Longer than the longest attempt: several requests of 15 seconds to a CRM."""
RUN_SECONDS = 60
"""Then another task goes on: the lane has other work as well."""
KEPT = timedelta(days=30)
ACTOR = Actor.system("webhooks")

Running = dict[Future[tuple[Outcome, int]], Delivery]


def deliver_due() -> int:
    """Deliver until nothing is due; returns how many attempts were made. Does nothing while another process does it."""
    with exclusive("webhooks.deliver") as is_mine:
        if not is_mine:
            return 0
        count = _run()
    if _is_anything_due():  # it came while the other one was turned away
        wake()
    return count


def _run() -> int:
    until, count = time.monotonic() + RUN_SECONDS, 0
    running: Running = {}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
        while True:
            if time.monotonic() < until:
                for delivery in _claim(running):
                    _start(pool, running, delivery)
            if not running:
                return count
            done, _rest = wait(running, timeout=1, return_when=FIRST_COMPLETED)
            for future in done:
                record(running.pop(future), *_outcome_of(future))
                count += 1


def _start(pool: ThreadPoolExecutor, running: Running, delivery: Delivery) -> None:
    row = delivery.subscription
    try:
        order = order_of(delivery)
    except OutreachError as error:  # its secrets cannot be read
        record(delivery, Outcome(error=error.reason), 0)
    else:
        running[pool.submit(carry_out, row.info, order, is_local=row.is_local)] = delivery


def _outcome_of(future: Future[tuple[Outcome, int]]) -> tuple[Outcome, int]:
    """What came of an attempt. A fault of ours is a failure of this delivery alone, never of the others under way."""
    if (fault := future.exception()) is None:
        return future.result()
    logger.error("webhook.fault", exc_info=fault)
    return Outcome(error=_("Something went wrong on our side. The error has been logged.")), 0


def _is_anything_due() -> bool:
    now = clock.now()
    return Delivery.objects.due(now).filter(subscription__in=Subscription.objects.open(now)).exists()


def _claim(running: Running) -> list[Delivery]:
    """Take due deliveries, the oldest first, as far as there are threads and each receiver's share allows."""
    now, free = clock.now(), THREADS - len(running)
    busy = Counter(delivery.subscription_id for delivery in running.values())
    claimed: list[Delivery] = []
    for row in Subscription.objects.open(now).order_by("pk") if free else ():
        share = (1 if row.failures >= FAILURES_TO_OPEN else row.info.at_once) - busy[row.pk]
        with transaction.atomic():
            due = (
                row.deliveries.due(now)
                .order_by("next_attempt_at", "pk")
                .select_for_update(skip_locked=True, of=("self",))
            )
            found = list(due.select_related("event")[: max(0, min(share, free - len(claimed)))])
            Delivery.objects.filter(pk__in=[one.pk for one in found]).update(
                attempts=F("attempts") + 1, next_attempt_at=now + LEASE
            )
        for one in found:
            one.subscription, one.attempts = row, one.attempts + 1
        claimed += found
    return claimed


def record(delivery: Delivery, outcome: Outcome, duration_ms: int) -> None:
    """Write down what came of an attempt, and what follows for the receiver."""
    row = Subscription.objects.filter(pk=delivery.subscription_id).first()
    if row is None:
        return
    with transaction.atomic():
        note_answer(delivery, outcome, duration_ms)
        if outcome.is_success:
            DELIVERY.move_where(Delivery.objects.filter(pk=delivery.pk), DELIVERY.DELIVERED, actor=None)
            Subscription.objects.filter(pk=row.pk).update(
                failures=0, failing_since=None, spared_until=None, succeeded_at=clock.now()
            )
        else:
            _put_off(delivery, outcome)
            _note_failure(row, outcome)


def _put_off(delivery: Delivery, outcome: Outcome) -> None:
    pause = None if outcome.is_gone else retries.next_wait(delivery.attempts, asked=outcome.retry_after)
    if pause is None:
        DELIVERY.move_where(Delivery.objects.filter(pk=delivery.pk), DELIVERY.FAILED, actor=None)
    else:
        Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=clock.now() + pause)
        wake(pause)
    logger.info("webhook.failed", delivery=delivery.pk, attempt=delivery.attempts, error=outcome.error)


def _note_failure(row: Subscription, outcome: Outcome) -> None:
    now = clock.now()
    since = row.failing_since or now
    after = after_failure(Snapshot(row.failures, row.spared_until), now=now)
    Subscription.objects.filter(pk=row.pk).update(
        failures=after.failures, spared_until=after.opened_until, failing_since=since
    )
    if outcome.is_gone or retries.is_given_up(since, now=now):
        reason = (
            _("The receiver answered 410: it does not want events any more.")
            if outcome.is_gone
            else _("Every attempt of the last %(days)s days failed: %(error)s")
            % {"days": retries.GIVE_UP_AFTER.days, "error": outcome.error}
        )
        switch(subscription=row, is_active=False, actor=ACTOR, reason=reason[:500])
        publish("webhook.disabled", subscription_id=row.pk, reason=reason[:300])
    elif after.opened_until:
        wake(after.opened_until - now)


def forget_old() -> int:
    """Delete what is older than a month and over."""
    old = Delivery.objects.filter(created_at__lt=clock.now() - KEPT).exclude(state=DELIVERY.WAITING)
    return old.delete()[0]


def forget_lead(lead_ids: list[int]) -> int:
    """Blank the answers to events about these leads: they may repeat what was sent."""
    rows = Delivery.objects.filter(event__payload__lead_id__in=lead_ids).exclude(response="")
    return rows.update(response="")
