"""Segments and their immutable versions."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.errors import Refused
from outreach.core.models import Dated


class Segment(Dated):
    """A named criteria definition. Editing makes a new version; campaigns keep theirs."""

    name = models.TextField(_("name"), unique=True)
    description = models.TextField(_("description"), blank=True)
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def current(self) -> SegmentVersion | None:
        return self.versions.order_by("-number").first()


class SegmentVersion(models.Model):
    """One immutable state of a segment: criteria as written, the hash of their canonical form, the SQL predicate."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    criteria = models.JSONField()
    criteria_hash = models.TextField(db_index=True)
    predicate = models.TextField(help_text="SQL with named parameters")
    parameters = models.JSONField(default=dict)
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["segment", "-number"]
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once")]

    def __str__(self) -> str:
        return f"{self.segment} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Refused("Segment versions cannot be changed. Save a new one.", code="immutable")
        super().save(*args, **kwargs)
