"""What simulated recipients are going to do, and when."""

from __future__ import annotations

from django.db import models

from outreach.core.models import Dated
from outreach.core.sentences import SentenceField


class SandboxEvent(Dated):
    """One thing that a simulated recipient does about one message, at most once.

    Erasure: nothing here belongs to a real person.
    """

    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="sandbox_events")
    kind = models.TextField(help_text="delivered, opened, clicked, reply, auto_reply or bounce")
    payload = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    error = SentenceField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["message", "kind"], name="sandbox_event_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(done_at=None), name="sandbox_event_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
