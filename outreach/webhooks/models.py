"""Subscriptions to events, and the delivery of each event to each of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core import clock, secrets
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import State, StateMachine
from outreach.events.kinds import matches
from outreach.webhooks.connectors.base import Connector
from outreach.webhooks.connectors.registry import CONNECTORS

DELIVERY = StateMachine(
    name="webhook delivery",
    initial="waiting",
    states={
        "waiting": State(_("Waiting"), to=("delivered", "failed"), colour="blue"),
        "delivered": State(_("Delivered"), to=("waiting",), colour="green"),
        "failed": State(_("Failed"), to=("waiting", "delivered"), colour="red"),
    },
)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Named sets of subscriptions."""

    def active(self) -> SubscriptionQuerySet:
        return self.filter(is_active=True)

    def open(self, now: datetime) -> SubscriptionQuerySet:
        """Active, and not spared after repeated faults."""
        return self.active().filter(models.Q(spared_until=None) | models.Q(spared_until__lte=now))


class Subscription(Dated):
    """One receiver of events: an address, or an account of another system. Secrets are encrypted.

    Erasure: holds no personal data of leads.
    """

    connector = models.TextField(_("kind of receiver"))
    description = models.TextField(_("description"), blank=True)
    url = models.TextField(_("address"), blank=True)
    kinds = ArrayField(models.TextField(), verbose_name=_("events"))
    settings = models.JSONField(default=dict, blank=True)
    secrets_token = models.TextField(blank=True, editable=False)
    earlier_valid_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Until then requests are also signed with the earlier secret"
    )
    is_local = models.BooleanField(_("on this machine or in a private network"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    off_reason = SentenceField(blank=True, help_text="Why the product switched it off")
    failures = models.PositiveIntegerField(default=0, help_text="Failed attempts since the last success")
    failing_since = models.DateTimeField(null=True, blank=True)
    spared_until = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.description or self.url or str(self.info.label)

    @property
    def info(self) -> Connector:
        return CONNECTORS[self.connector]

    def wants(self, kind: str) -> bool:
        return matches(kind, self.kinds)

    @property
    def is_failing(self) -> bool:
        return self.is_active and self.failing_since is not None

    def secret_values(self) -> dict[str, Any]:
        """What is stored encrypted: `current` and `earlier` signing secrets, and the connector's own keys."""
        return dict(secrets.decrypt(self.secrets_token)) if self.secrets_token else {}

    def set_secret_values(self, values: dict[str, Any]) -> None:
        """Encrypt what is secret. The caller saves."""
        self.secrets_token = secrets.encrypt(values)

    def signing_secrets(self) -> tuple[str, ...]:
        """The secret in force; within a day of a rotation also the earlier one."""
        values = self.secret_values()
        found = [values.get("current", "")]
        if self.earlier_valid_until and clock.now() < self.earlier_valid_until:
            found.append(values.get("earlier", ""))
        return tuple(filter(None, found))


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Named sets of deliveries."""

    def waiting(self) -> DeliveryQuerySet:
        return self.filter(state=DELIVERY.WAITING)

    def failed(self) -> DeliveryQuerySet:
        return self.filter(state=DELIVERY.FAILED)

    def due(self, now: datetime) -> DeliveryQuerySet:
        return self.waiting().filter(next_attempt_at__lte=now)


class Delivery(models.Model):
    """One event on its way to one subscription. What is sent is put together at each attempt; only answers are kept.

    A claim moves `next_attempt_at` beyond the longest attempt: who dies with it is followed by another.
    Erasure: `response` of events about the erased lead is blanked.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(
        "events.Event", null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="Empty: a test"
    )
    kind = models.TextField()
    state = models.TextField(choices=DELIVERY.choices, default=DELIVERY.initial)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    response = models.TextField(blank=True)
    error = SentenceField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = DeliveryQuerySet.as_manager()

    is_waiting = DELIVERY.predicate("waiting")
    is_failed = DELIVERY.predicate("failed")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            DELIVERY.constraint(),
            models.UniqueConstraint(fields=["subscription", "event"], name="webhook_delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["subscription", "next_attempt_at", "id"],
                condition=models.Q(state=DELIVERY.WAITING),
                name="webhook_delivery_due",
            ),
            models.Index(fields=["subscription", "-id"], name="webhook_delivery_newest"),
            models.Index(fields=["created_at"], name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
