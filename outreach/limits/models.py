"""The one locked row of a limited thing."""

from __future__ import annotations

from django.db import models


class Allowance(models.Model):
    """Usage of one limited thing (`sender:12`, `host:example.org`), read and written under its row lock only.

    `usage` is owned by the pure rules of this room: counts by hour for rolling windows, tokens for buckets.
    """

    key = models.TextField(unique=True)
    usage = models.JSONField(default=dict)
    next_at = models.DateTimeField(null=True, blank=True, help_text="Not before this moment: gaps and back-off.")
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.key
