"""Prompt packs and their immutable versions."""

from __future__ import annotations

from django.db import models

from outreach.core.models import Dated


class PackVersion(Dated):
    """One state of a prompt pack, identified by the SHA-256 of its canonical form. Never changed."""

    name = models.TextField(db_index=True)
    sha = models.TextField(unique=True)
    channel = models.TextField()
    languages = models.JSONField(default=list)
    source = models.TextField(help_text="The Markdown file as it was read.")
    definition = models.JSONField(help_text="The parsed pack.")

    class Meta:
        ordering = ["name", "-id"]

    def __str__(self) -> str:
        return f"{self.name} {self.sha[:8]}"


class PackLabel(Dated):
    """A movable pointer to a version: `current`, `candidate`."""

    name = models.TextField()
    label = models.TextField(default="current")
    version = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="labels")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "label"], name="pack_label_once")]
