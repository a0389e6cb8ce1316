"""Restores: the line that holds all sending until a person has looked."""

from __future__ import annotations

from django.db import models


class RestoreQuerySet(models.QuerySet["Restore"]):
    """Named sets of restores."""

    def open(self) -> RestoreQuerySet:
        """Not confirmed yet: nothing is sent."""
        return self.filter(confirmed_at=None)


class Restore(models.Model):
    """The database was restored from a backup. What left after `taken_at` is not in it."""

    backup = models.TextField(help_text="Name of the backup")
    taken_at = models.DateTimeField(help_text="The moment that the backup holds")
    restored_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.TextField(blank=True)
    note = models.TextField(blank=True, help_text="What the person did")

    objects = RestoreQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], condition=models.Q(confirmed_at=None), name="restore_open")]

    def __str__(self) -> str:
        return f"{self.backup} → {self.restored_at:%Y-%m-%d %H:%M}"


OPEN_SQL = "SELECT 1 FROM backups_restore WHERE confirmed_at IS NULL"
"""For the gate: a row as long as sending is held."""
