"""Alerts that are on."""

from __future__ import annotations

from django.db import models


class Alert(models.Model):
    """A rule that fails now. The row goes when it is over; `told_at` keeps it from being told again and again."""

    rule = models.TextField(unique=True)
    sentence = models.TextField()
    began_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True, blank=True)
    told_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["began_at"]

    def __str__(self) -> str:
        return self.rule
