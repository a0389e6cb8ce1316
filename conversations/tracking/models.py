"""What was sent with tracking, and what asked for it."""

from __future__ import annotations

from django.db import models


class TrackedLink(models.Model):
    """One link of one message, written before the message leaves: the redirect leads here and nowhere else.

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
    """Somebody or something asked for the pixel or a link of a message. No address of the asker is kept.

    Erasure: holds a program's name and a time only.
    """

    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="hits")
    link = models.ForeignKey(TrackedLink, null=True, blank=True, on_delete=models.CASCADE, related_name="hits")
    method = models.TextField()
    user_agent = models.TextField(blank=True)
    at = models.DateTimeField()
    verdict = models.TextField(
        blank=True, help_text="`person`, or why it is taken for a machine; empty: not judged yet"
    )

    class Meta:
        indexes = [models.Index(fields=["message", "id"], name="tracking_hit_message")]

    def __str__(self) -> str:
        return f"{self.method} #{self.pk}"
