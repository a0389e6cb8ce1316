"""Playbooks and their immutable versions."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.playbooks import definition
from outreach.core.errors import Refused
from outreach.core.models import Dated


class PlaybookQuerySet(models.QuerySet["Playbook"]):
    """Named sets of playbooks."""

    def in_use(self) -> PlaybookQuerySet:
        """Those that can be chosen."""
        return self.filter(archived_at=None)


class Playbook(Dated):
    """How conversations are held. Saving makes a new version, which holds for the next answer at once."""

    name = models.TextField(_("name"), unique=True)
    is_default = models.BooleanField(default=False, help_text="Holds where a campaign chose none")
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = PlaybookQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="playbook_default")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def current(self) -> PlaybookVersion:
        """The newest version; every playbook is made with its first."""
        return self.versions.select_related("playbook").latest("number")


class PlaybookVersion(models.Model):
    """One immutable state of a playbook: its definition and the hash of it."""

    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="The definition as JSON")
    content_hash = models.TextField()
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["playbook", "-number"]
        constraints = [models.UniqueConstraint(fields=["playbook", "number"], name="playbook_version_once")]

    def __str__(self) -> str:
        return f"{self.playbook} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Refused("Playbook versions cannot be changed. Save a new one.", code="immutable")
        super().save(*args, **kwargs)

    @property
    def definition(self) -> definition.Definition:
        return definition.parse(self.content)
