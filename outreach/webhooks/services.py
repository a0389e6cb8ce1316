"""Use cases of subscriptions: add, change, rotate the secret, switch on and off, test, replay."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from outreach.core import audit, clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events import kinds as event_kinds
from outreach.events.services import follow
from outreach.jobs.services import enqueue
from outreach.web.addresses import locate
from outreach.web.services import caller
from outreach.webhooks import signing
from outreach.webhooks.connectors.base import Connector, Order, Outcome, attempt
from outreach.webhooks.connectors.registry import CONNECTORS
from outreach.webhooks.models import DELIVERY, Delivery, Subscription

FOLLOWER = "outreach.webhooks.subscribers.on_event"
TASK = "outreach.webhooks.tasks.deliver"
LANE = "web"
EARLIER_VALID = timedelta(days=1)
"""How long requests are signed with the earlier secret too, after a rotation."""
MOST_REPLAYED = 10_000


@dataclass(frozen=True)
class SubscriptionData:
    """What a person enters. A secret field of the connector that is empty keeps what is stored."""

    connector: str
    url: str = ""
    kinds: tuple[str, ...] = (event_kinds.EVERYTHING,)
    description: str = ""
    is_local: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def add(data: SubscriptionData, *, actor: Actor) -> tuple[Subscription, str]:
    """A new subscription, active from the commit on, and its signing secret, which is shown now and never again."""
    connector = _connector(data.connector)
    secret = signing.new_secret() if connector.is_signed else ""
    row = Subscription(connector=connector.name)
    row.set_secret_values({"current": secret} if secret else {})
    _fill(row, data)
    row.save()
    audit.record("webhook.added", subject=row, actor=actor, data={"connector": row.connector, "kinds": row.kinds})
    follow_wanted()
    return row, secret


@transaction.atomic
def change(*, subscription: Subscription, data: SubscriptionData, actor: Actor) -> Subscription:
    """Change address, events and settings. Raises `Invalid` by field."""
    if data.connector != subscription.connector:
        raise Invalid("connector", _("The kind of receiver can't be changed. Add another one."))
    _fill(subscription, data)
    subscription.save()
    audit.record("webhook.changed", subject=subscription, actor=actor, data={"kinds": subscription.kinds})
    follow_wanted()
    return subscription


def _fill(row: Subscription, data: SubscriptionData) -> None:
    connector, stored = row.info, row.secret_values()
    row.description, row.is_local = data.description.strip()[:200], data.is_local
    row.url = checked_url(data.url, is_local=data.is_local) if connector.has_url else ""
    row.kinds = _checked_kinds(data.kinds)
    values: dict[str, str] = {}
    for wanted in connector.fields:
        given = str(data.fields.get(wanted.name, "")).strip()
        if wanted.is_secret:
            stored[wanted.name] = given or stored.get(wanted.name, "")
        else:
            values[wanted.name] = given
        if wanted.is_required and not (stored if wanted.is_secret else values)[wanted.name]:
            raise Invalid(wanted.name, _("Enter this."))
        if wanted.check is not None:
            wanted.check(given)
    row.settings = values
    row.set_secret_values(stored)


def checked_url(url: str, *, is_local: bool) -> str:
    """A receiver's address. Raises `Invalid` for anything but https, unless it is one's own network."""
    place = locate(url)
    if place.scheme != "https" and not is_local:
        raise Invalid("url", _("Events hold personal data: use an https address."), code="url_insecure")
    return place.url


def _checked_kinds(patterns: tuple[str, ...]) -> list[str]:
    wanted = list(dict.fromkeys(pattern.strip() for pattern in patterns if pattern.strip()))
    if not wanted:
        raise Invalid("kinds", _("Choose at least one event."))
    for pattern in wanted:
        if not event_kinds.chosen([pattern]):
            raise Invalid("kinds", _("There is no event “%(name)s”.") % {"name": pattern}, code="kind_unknown")
    return wanted


def _connector(name: str) -> Connector:
    if name not in CONNECTORS:
        known = ", ".join(CONNECTORS)
        raise Invalid("connector", _("Unknown kind “%(name)s”. Use one of: %(known)s.") % {"name": name, "known": known})  # fmt: skip
    return CONNECTORS[name]


def follow_wanted() -> None:
    """From the commit on, exactly what active subscriptions want is taken from the log; nothing when there are none."""
    rows = Subscription.objects.active().values_list("kinds", flat=True)
    follow(FOLLOWER, {pattern for patterns in rows for pattern in patterns})


@transaction.atomic
def remove(*, subscription: Subscription, actor: Actor) -> None:
    """Remove a subscription with its deliveries and secrets."""
    audit.record("webhook.removed", subject=subscription, actor=actor, data={"connector": subscription.connector})
    subscription.delete()
    follow_wanted()


@transaction.atomic
def rotate(*, subscription: Subscription, actor: Actor) -> str:
    """A new secret, shown once; for a day requests are signed with both, so that receivers can follow."""
    if not subscription.info.is_signed:
        raise Refused(_("Only webhooks have a signing secret."), code="not_signed")
    row = Subscription.objects.select_for_update().get(pk=subscription.pk)
    values, secret = row.secret_values(), signing.new_secret()
    row.set_secret_values({**values, "current": secret, "earlier": values.get("current", "")})
    row.earlier_valid_until = clock.now() + EARLIER_VALID
    row.save(update_fields=["secrets_token", "earlier_valid_until", "updated_at"])
    audit.record("webhook.rotated", subject=row, actor=actor)
    subscription.refresh_from_db()
    return secret


@transaction.atomic
def switch(*, subscription: Subscription, is_active: bool, actor: Actor, reason: str = "") -> None:
    """Switch a subscription on or off. What waits while it is off leaves when it is on again."""
    fresh: dict[str, Any] = {"failures": 0, "failing_since": None, "spared_until": None} if is_active else {}
    rows = Subscription.objects.filter(pk=subscription.pk).exclude(is_active=is_active)
    if rows.update(is_active=is_active, off_reason=reason, updated_at=clock.now(), **fresh):
        action = "webhook.switched_on" if is_active else "webhook.switched_off"
        audit.record(action, subject=subscription, actor=actor, reason=reason)
        follow_wanted()
        if is_active:
            wake()
    subscription.refresh_from_db()


def wake(delay: timedelta = timedelta()) -> None:
    """Have what is due delivered, now or after a while."""
    enqueue(TASK, lane=LANE, priority=2, delay=delay, key=TASK)


def order_of(delivery: Delivery) -> Order:
    """What is sent: the event as it can be told now, or the example of its kind for a test."""
    row = delivery.subscription
    if delivery.event is not None:
        number, body = event_kinds.event_id(delivery.event), event_kinds.told(delivery.event)
    else:
        number = f"test_{delivery.pk}"
        body = event_kinds.example(delivery.kind, number=number, at=delivery.created_at)
        body["test"] = True
    values = row.secret_values()
    own = {wanted.name: values.get(wanted.name, "") for wanted in row.info.fields if wanted.is_secret}
    return Order(
        id=number,
        body=body,
        url=row.url,
        settings={**row.settings, **own},
        secrets=row.signing_secrets(),
        timestamp=int(clock.now().timestamp()),
    )


def carry_out(connector: Connector, order: Order, *, is_local: bool) -> tuple[Outcome, int]:
    """One attempt over the network and the milliseconds that it took. Asks no database: for any thread."""
    started = time.monotonic()
    with caller(is_local=is_local) as fetcher:
        outcome = attempt(connector, order, fetcher)
    return outcome, round((time.monotonic() - started) * 1000)


def send_test(*, subscription: Subscription, kind: str = "", actor: Actor) -> Delivery:
    """Send the example of an event now, and wait for the answer. It counts for nothing and is not repeated."""
    wanted = [found.name for found in event_kinds.chosen(subscription.kinds)]
    if kind and kind not in event_kinds.kinds():
        raise Invalid("kind", _("There is no event “%(name)s”.") % {"name": kind}, code="kind_unknown")
    name = kind or next((found for found in wanted if found.startswith("reply.")), wanted[0])
    delivery = Delivery(subscription=subscription, kind=name, state=DELIVERY.FAILED, attempts=1)
    delivery.save()
    outcome, duration = carry_out(subscription.info, order_of(delivery), is_local=subscription.is_local)
    note_answer(delivery, outcome, duration)
    if outcome.is_success:
        DELIVERY.move_where(Delivery.objects.filter(pk=delivery.pk), DELIVERY.DELIVERED, actor=None)
    audit.record("webhook.tested", subject=subscription, actor=actor, data={"kind": name, "ok": outcome.is_success})
    delivery.refresh_from_db()
    return delivery


def note_answer(delivery: Delivery, outcome: Outcome, duration_ms: int) -> None:
    """Keep what came back."""
    Delivery.objects.filter(pk=delivery.pk).update(
        answered_at=clock.now(),
        duration_ms=duration_ms,
        status_code=outcome.status,
        response=outcome.response,
        error=outcome.error[:1000],
    )


def replay(*, delivery: Delivery, actor: Actor) -> None:
    """Deliver one event once more, under the same id. Raises `Refused` while it is on its way, and for a test."""
    if delivery.event_id is None:
        raise Refused(_("This was a test. Send another one."), code="is_test")
    if not _again(Delivery.objects.filter(pk=delivery.pk), actor, delivery.subscription):
        raise Refused(_("This delivery is already on its way."), code="is_waiting")


def replay_failed(*, subscription: Subscription, since: datetime, actor: Actor) -> int:
    """Deliver everything once more that failed for good since then; returns how many."""
    newest = subscription.deliveries.failed().filter(created_at__gte=since).exclude(event=None).order_by("-pk")
    ids = list(newest.values_list("pk", flat=True)[:MOST_REPLAYED])
    return _again(Delivery.objects.filter(pk__in=ids), actor, subscription)


@transaction.atomic
def _again(rows: Any, actor: Actor, subscription: Subscription) -> int:
    moved = DELIVERY.move_where(
        rows, DELIVERY.WAITING, actor=None, changes={"attempts": 0, "next_attempt_at": clock.now()}
    )
    if moved:
        audit.record("webhook.replayed", subject=subscription, actor=actor, data={"count": len(moved)})
        wake()
    return len(moved)
