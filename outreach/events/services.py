"""Publish domain events and deliver them to their subscribers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from outreach.core import clock
from outreach.core.inserting import insert_of
from outreach.events.models import Delivery, Event, Follower
from outreach.jobs.queue import notify_after_commit
from outreach.jobs.services import enqueue

logger = structlog.get_logger(__name__)

MAX_ATTEMPTS = 10
BATCH = 200
PRUNED = 20_000
"""Events that one run of `prune` looks at."""


@cache
def subscriptions() -> dict[str, list[str]]:
    """Event kind → dotted subscriber functions, merged from the wings' tables."""
    merged: dict[str, list[str]] = defaultdict(list)
    for wing in settings.WINGS[1:]:
        for kind, functions in import_module(f"{wing}.subscriptions").SUBSCRIPTIONS.items():
            merged[kind] += functions
    return dict(merged)


def publish(kind: str, /, **payload: int | str | None) -> Event:
    """Write an event in the caller's transaction. Subscribers run after commit, each at least once."""
    at = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT events_publish(%s, %s::jsonb, %s, %s)",
            [kind, json.dumps(payload), at, subscriptions().get(kind, [])],
        )
        row = as_published(cursor.fetchone()[0])
    event = Event(pk=row["id"], kind=kind, payload=payload, at=at)
    event._state.adding = False
    return event


def as_published(answer: str | dict[str, Any]) -> dict[str, Any]:
    """What `events_publish` returned to a statement of any room; wakes the subscribers after the commit."""
    row: dict[str, Any] = json.loads(answer) if isinstance(answer, str) else answer
    if row["wakes"]:
        notify_after_commit("default")
    return row


@transaction.atomic(savepoint=False)
def publish_all(kind: str, payloads: Iterable[Mapping[str, int | str | None]]) -> int:
    """Write many events of one kind in the caller's transaction, in few statements; returns the count."""
    events = Event.objects.bulk_create([Event(kind=kind, payload=dict(payload)) for payload in payloads], 2_000)
    subscribers = [*subscriptions().get(kind, []), *_followers(kind)]
    if events and subscribers:
        _deliver_to(subscribers, [event.pk for event in events])
        enqueue("outreach.events.tasks.deliver", key="events.deliver", priority=3)
    return len(events)


def _deliver_to(subscribers: Sequence[str], events: Sequence[int]) -> None:
    """A pending delivery of each event to each subscriber: one statement for thousands."""
    insert, values = insert_of(
        Delivery, ["event_id", "subscriber"], source="given", alike={"next_attempt_at": clock.now()}
    )
    given = (
        "SELECT event_id, subscriber FROM unnest(%s::bigint[]) AS event_id CROSS JOIN unnest(%s::text[]) AS subscriber"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"WITH given AS ({given}) {insert}", [list(events), list(subscribers), *values])


def follow(subscriber: str, patterns: Iterable[str]) -> None:
    """From the caller's commit on, `subscriber` (a dotted function) gets exactly the kinds that fit, as `reply.*` does.

    For what people switch on and off; what the product itself needs stands in the wings' tables.
    """
    wanted = {pattern.replace("_", r"\_").replace("*", "%") for pattern in patterns}
    Follower.objects.filter(subscriber=subscriber).exclude(pattern__in=wanted).delete()
    Follower.objects.bulk_create(
        [Follower(subscriber=subscriber, pattern=pattern) for pattern in sorted(wanted)], ignore_conflicts=True
    )


def _followers(kind: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT subscriber FROM events_follower WHERE %s LIKE pattern", [kind])
        return [name for (name,) in cursor.fetchall()]


def deliver_due() -> int:
    """Deliver what is pending, oldest first; returns how many were handled, failures included."""
    count = 0
    while count < BATCH * 50 and _deliver_one():
        count += 1
    return count


def _deliver_one() -> bool:
    """One delivery under its row lock: the subscriber's work and the mark that it is done commit together."""
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .filter(Q(done_at=None) & Q(next_attempt_at__lte=Now()) & Q(attempts__lt=MAX_ATTEMPTS))
            .order_by("next_attempt_at", "id")
            .first()
        )
        if delivery is None:
            return False
        try:
            with transaction.atomic():
                _resolve(delivery.subscriber)(delivery.event)
        except Exception as error:
            logger.exception("subscriber failed", subscriber=delivery.subscriber, kind=delivery.event.kind)
            attempt = delivery.attempts + 1
            Delivery.objects.filter(pk=delivery.pk).update(
                attempts=F("attempts") + 1,
                error=f"{type(error).__name__}: {error}"[:4000],
                next_attempt_at=Now() + timedelta(seconds=5 * attempt * attempt),
            )
        else:
            Delivery.objects.filter(pk=delivery.pk).update(done_at=Now(), attempts=F("attempts") + 1, error="")
    return True


def prune(*, limit: int = PRUNED) -> int:
    """Delete events older than `events.keep_days` that all subscribers have handled; how many.

    The oldest ones are read by their key, a bounded number at a time, so no run scans the table. What a subscriber has
    not handled stays, however old.
    """
    since = clock.now() - timedelta(days=settings.OUTREACH.events.keep_days)
    pending = Exists(Delivery.objects.filter(event=OuterRef("pk"), done_at=None))
    oldest = Event.objects.order_by("pk").exclude(pending).values_list("pk", "at")[:limit]
    old = [pk for pk, at in oldest if at < since]
    Delivery.objects.filter(event__in=old).delete()
    Event.objects.filter(pk__in=old).delete()
    return len(old)


def retry(delivery: Delivery) -> None:
    """Try a delivery that ran out of attempts once more, now."""
    Delivery.objects.filter(pk=delivery.pk, done_at=None).update(attempts=0, next_attempt_at=Now())
    enqueue("outreach.events.tasks.deliver", key="events.deliver")


@cache
def _resolve(name: str) -> Callable[[Event], Any]:
    module_name, _, function_name = name.rpartition(".")
    return getattr(import_module(module_name), function_name)  # type: ignore[no-any-return]
