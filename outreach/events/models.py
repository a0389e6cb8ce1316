"""Domain events and their deliveries."""

from __future__ import annotations

from django.db import models

from outreach.core.sentences import SentenceField


class Event(models.Model):
    """Something that happened, written in the transaction in which it happened. Payloads hold ids, never texts."""

    kind = models.TextField(db_index=True)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Delivery(models.Model):
    """One subscriber's copy of an event: pending until its function returned without error."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.TextField()
    done_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(auto_now_add=True)
    error = SentenceField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="event_delivery_once")]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"], condition=models.Q(done_at=None), name="event_delivery_pending"
            )
        ]


class Follower(models.Model):
    """A subscriber that comes and goes while the product runs: it gets the kinds that fit `pattern`, as in SQL's LIKE."""

    subscriber = models.TextField()
    pattern = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscriber", "pattern"], name="event_follower_once")]

    def __str__(self) -> str:
        return f"{self.subscriber} ← {self.pattern}"
