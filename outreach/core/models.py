"""Base model and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core import clock
from outreach.core.actors import actor_label
from outreach.core.words import read


class Dated(models.Model):
    """A row with the times (UTC) of its creation and last change."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True


@dataclass(frozen=True)
class Actor:
    """Who did something: a person, or a named part of the product."""

    kind: str
    """`user`, `api_key`, `system` or `lead`."""
    name: str
    user_id: int | None = None

    @classmethod
    def of(cls, user: AbstractBaseUser | Any) -> Actor:
        return cls("user", user.get_username(), user.pk)

    @classmethod
    def system(cls, name: str) -> Actor:
        return cls("system", name)

    def __str__(self) -> str:
        return self.name


class AuditEntry(models.Model):
    """One decision or change, append-only. `subject` is `app.Model:pk`; `data` never holds message texts.

    A trigger refuses changes and deletions; `outreach.core.chain` seals each entry with a hash over the one before.
    Erasure: `data` holds ids, states and numbers, no personal data; `reason` of entries about a lead and what was said
    with it is blanked, with the salt of its digest.
    """

    at = models.DateTimeField(default=clock.now, db_index=True)
    action = models.TextField(db_index=True)
    subject_type = models.TextField()
    subject_id = models.TextField()
    actor_kind = models.TextField()
    actor_name = models.TextField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    position = models.BigIntegerField(null=True, editable=False, help_text=_("In the chain; empty for a minute"))
    seal = models.TextField(blank=True, default="", editable=False)
    salt = models.TextField(blank=True, default="", editable=False)
    reason_digest = models.TextField(blank=True, default="", editable=False)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["position"], name="one_audit_position")]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject"),
            models.Index(fields=["id"], name="audit_unsealed", condition=models.Q(position=None)),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type}:{self.subject_id} by {self.actor_name}"

    @property
    def why(self) -> str:
        """The reason in the reader's language. `reason` itself is sealed as it was written."""
        return read(self.reason)

    @property
    def who(self) -> str:
        """Who did it, as people say it."""
        return actor_label(self.actor_name) if self.actor_kind == "system" else self.actor_name


class DataKey(models.Model):
    """A random key that protects data permanently. `SECRET_KEY` encrypts it, so rotating that one loses nothing."""

    name = models.TextField(primary_key=True)
    token = models.TextField()

    def __str__(self) -> str:
        return self.name


class StoredAnswer(models.Model):
    """What a POST with an `Idempotency-Key` was answered, for the day in which it may be repeated.

    `credential` is the user or API key that sent it. The body is encrypted: it may hold a secret that is shown once.
    Erasure: all bodies are blanked, no matter who is in them; a repeat is still recognised.
    """

    credential = models.TextField()
    key = models.TextField()
    fingerprint = models.TextField(help_text="SHA-256 of the method, the address and the body.")
    status = models.PositiveSmallIntegerField()
    body_token = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["credential", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return f"{self.credential} {self.key}"
