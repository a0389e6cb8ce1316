"""Tracked messages, and hits on them."""

from __future__ import annotations

from django.db import models


class TrackedLink(models.Model):
    """One link of one message, stored before the message leaves: the redirect leads nowhere else.

    Erasure: goes with its message's text (`url` is blanked).
    """

    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="tracked_links")
    number = models.PositiveSmallIntegerField()
    url = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="tracked_link_once")]

    def __str__(self) -> str:
        return self.url


class Hit(models.Model):
    """A request for a message's pixel or link. The requester's address is not stored.

    Erasure: holds a program's name and a time only.
    """

    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="hits")
    link = models.ForeignKey(TrackedLink, null=True, blank=True, on_delete=models.CASCADE, related_name="hits")
    method = models.TextField()
    user_agent = models.TextField(blank=True)
    at = models.DateTimeField()
    verdict = models.TextField(blank=True, help_text="`person`, or why it counts as a machine; empty: not assessed yet")

    class Meta:
        indexes = [models.Index(fields=["message", "id"], name="tracking_hit_message")]

    def __str__(self) -> str:
        return f"{self.method} #{self.pk}"
