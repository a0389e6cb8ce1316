"""Write and read the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from outreach.core import clock
from outreach.core.inserting import insert_of
from outreach.core.models import Actor, AuditEntry
from outreach.core.words import stored


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
        reason=stored(reason),
        data=dict(data or {}),
    )


def record_all(
    action: str,
    *,
    subjects: Iterable[tuple[type[models.Model], int, Mapping[str, Any]]],
    actor: Actor,
    reason: str = "",
) -> int:
    """Append one audit row for each of many subjects (model, id, data), in few statements; returns the count."""
    rows = [
        AuditEntry(
            action=action,
            subject_type=model._meta.label,
            subject_id=str(pk),
            actor_kind=actor.kind,
            actor_name=actor.name,
            user_id=actor.user_id,
            reason=stored(reason),
            data=dict(data),
        )
        for model, pk, data in subjects
    ]
    return len(AuditEntry.objects.bulk_create(rows, batch_size=2_000))


def forget_reasons(model: type[models.Model], ids: Iterable[int]) -> None:
    """Blank what people wrote as reasons in the entries about these rows: their subject is being erased."""
    rows = AuditEntry.objects.filter(subject_type=model._meta.label, subject_id__in=[str(pk) for pk in ids])
    rows.exclude(reason="").update(reason="", salt="")


def record_alike(
    action: str,
    *,
    model: type[models.Model],
    ids: Sequence[int],
    actor: Actor,
    data: Mapping[str, Any],
    reason: str = "",
) -> None:
    """Append one audit row for each of many rows of `model` that were changed alike, in one statement."""
    if not ids:
        return
    insert, values = insert_of(
        AuditEntry,
        ["subject_id"],
        source="given",
        alike={
            "at": clock.now(),
            "action": action,
            "subject_type": model._meta.label,
            "actor_kind": actor.kind,
            "actor_name": actor.name,
            "user_id": actor.user_id,
            "reason": stored(reason),
            "data": dict(data),
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(f"WITH given AS (SELECT unnest(%s::text[]) AS subject_id) {insert}", [[*map(str, ids)], *values])


def trail(subject: models.Model) -> models.QuerySet[AuditEntry]:
    """The audit rows about `subject`, newest first."""
    return AuditEntry.objects.filter(subject_type=subject._meta.label, subject_id=str(subject.pk))
