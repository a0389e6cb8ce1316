"""What we know about a host: its robots.txt and how it has been answering. One row that all workers share."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.sentences import SentenceField


class Host(models.Model):
    """One web host by its origin (`https://berlin.example.org`)."""

    origin = models.TextField(unique=True, db_collation="C")
    robots_text = models.TextField(blank=True)
    robots_status = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="HTTP status of robots.txt; 0 if it could not be reached"
    )
    robots_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="Consecutive failures")
    opened_until = models.DateTimeField(null=True, blank=True, help_text="No request before this time")
    last_error = SentenceField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("web host")
        verbose_name_plural = _("web hosts")
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return self.origin
