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
            raise Refused("A version of a segment is never changed; save a new one.", code="immutable")
        super().save(*args, **kwargs)


class LeadChange(models.Model):
    """The feed of changed leads: a row in the transaction that changed the lead, written by the database itself.

    Whoever keeps sets of leads takes rows out and looks at the leads again. A lead may stand here many times, and
    may be gone by the time it is looked at.
    """

    lead_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"#{self.lead_id}"


class Title(models.Model):
    """The dictionary of titles in use, in lower case: a million people share some ten thousand of them.

    It holds at least every title of a lead (the database sees to that); repeats do no harm. Criteria about titles
    are looked up here and the few that fit are found by index.
    Erasure: a title that nobody has any more is taken out within the hour (`titles.forget_unused`).
    """

    title_key = models.TextField(db_collation="C")

    class Meta:
        indexes = [models.Index(fields=["title_key"], name="title_key")]

    def __str__(self) -> str:
        return self.title_key


class LeftTitle(models.Model):
    """A title that a lead had and lost: to be looked at whether anybody still has it."""

    title_key = models.TextField(db_collation="C")

    def __str__(self) -> str:
        return self.title_key
