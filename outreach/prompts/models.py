"""Prompt packs and their immutable versions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from outreach.core.models import Dated

PRODUCTION = "production"
"""The label of the version that new campaigns and all other callers use."""


class PackVersionQuerySet(models.QuerySet["PackVersion"]):
    """Named sets of versions."""

    def in_production(self) -> PackVersionQuerySet:
        return self.filter(labels__label=PRODUCTION)


class PackVersion(Dated):
    """One state of a prompt pack, identified by the SHA-256 of its canonical form. Never changed."""

    name = models.TextField(db_index=True)
    sha = models.TextField(unique=True)
    channel = models.TextField()
    languages = models.JSONField(default=list)
    source = models.TextField(help_text="The Markdown file as it was read.")
    definition = models.JSONField(help_text="The parsed pack.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.TextField(blank=True, help_text="What changed, in the author's words.")
    report = models.JSONField(default=dict, help_text="How the optimiser found it.")

    objects = PackVersionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-id"]

    def __str__(self) -> str:
        return f"{self.name} {self.short_sha}"

    @property
    def short_sha(self) -> str:
        return self.sha[:8]

    @property
    def label_names(self) -> list[str]:
        """Its labels; prefetch `labels` for lists."""
        return [label.label for label in self.labels.all()]


class PackLabel(Dated):
    """A movable pointer to a version: `production`, `candidate`, `shipped`."""

    name = models.TextField()
    label = models.TextField(default=PRODUCTION)
    version = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="labels")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "label"], name="pack_label_once")]


class Benchmark(Dated):
    """A run of packs × models × cases; its cells are evaluations on its trace. Erasure: holds nothing of a person."""

    shas = models.JSONField(help_text="Hashes of the pack versions.")
    targets = models.JSONField(help_text="“builtin” or provider/model.")
    trace = models.ForeignKey("llm.Trace", on_delete=models.CASCADE, related_name="+")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Benchmark {self.pk}"
