"""Write and read the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from outreach.core.models import Actor, AuditEntry


def record(
    action: str, *, subject: models.Model, actor: Actor, reason: str = "", data: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Append one audit row about `subject`, in the caller's transaction."""
    return AuditEntry.objects.create(
        action=action,
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        actor_kind=actor.kind,
        actor_name=actor.name,
        user_id=actor.user_id,
        reason=reason,
        data=dict(data or {}),
    )


def trail(subject: models.Model) -> models.QuerySet[AuditEntry]:
    """The audit rows about `subject`, newest first."""
    return AuditEntry.objects.filter(subject_type=subject._meta.label, subject_id=str(subject.pk))
