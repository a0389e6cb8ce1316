"""Deletes files with personal data after some days, and at once when a person in them is erased."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from leads.duplicates.models import Kind, Merge
from leads.imports.models import BATCH, Batch, Change, Export, RejectedRow
from leads.models import Lead
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.models import Actor

ACTOR = Actor.system("retention")


def remove_file(row: Batch | Export, *, reason: str, actor: Actor = ACTOR) -> None:
    """Delete the file of a batch or an export; the row stays."""
    if row.file:
        row.file.delete(save=False)
    type(row)._default_manager.filter(pk=row.pk).update(file="", file_removed_at=clock.now())
    noun = "import" if isinstance(row, Batch) else "export"
    record(f"{noun}.file_removed", subject=row, actor=actor, reason=reason)


def remove_old_files(*, now: datetime) -> int:
    """Delete expired files with the samples and rejected rows that quote them; returns how many."""
    policy = settings.OUTREACH.imports
    batches = Batch.objects.filter(file_removed_at=None, created_at__lt=now - timedelta(days=policy.keep_files_days))
    exports = Export.objects.filter(file_removed_at=None, created_at__lt=now - timedelta(days=policy.keep_exports_days))
    count = 0
    for batch in batches.exclude(state__in=BATCH.busy).order_by("created_at")[:1000]:
        _forget_file(batch)
        count += 1
    for export in exports.exclude(file="").order_by("created_at")[:1000]:
        remove_file(export, reason="retention")
        count += 1
    return count


def _forget_file(batch: Batch) -> None:
    remove_file(batch, reason="retention")
    detected = {**batch.detected, "samples": []}
    Batch.objects.filter(pk=batch.pk).update(detected=detected)
    RejectedRow.objects.filter(batch=batch).delete()


def _changes_of(lead_ids: list[int]) -> QuerySet[Change]:
    return Change.objects.filter(
        Q(model=Change.Model.LEAD, row_id__in=lead_ids) | Q(model=Change.Model.IDENTITY, lead_id__in=lead_ids)
    )


def _batches_of(lead_ids: list[int]) -> set[int]:
    """The imports that brought or changed these leads."""
    return {
        *Lead.objects.filter(pk__in=lead_ids, batch__isnull=False).values_list("batch_id", flat=True),
        *_changes_of(lead_ids).values_list("batch_id", flat=True),
    }


def files_of(lead_ids: list[int]) -> tuple[int, int]:
    """How many uploaded files and stored exports go when these leads are erased."""
    uploads = Batch.objects.filter(pk__in=_batches_of(lead_ids), file_removed_at=None).exclude(state__in=BATCH.busy)
    return uploads.count(), Export.objects.filter(file_removed_at=None).exclude(file="").count()


def forget_leads(*, lead_ids: list[int], addresses: Iterable[str] = ()) -> None:
    """Remove the traces of leads that are being erased: files, before-images, rejected rows, exports."""
    changes = _changes_of(lead_ids)
    numbers = _batches_of(lead_ids)
    for batch in Batch.objects.filter(pk__in=numbers, file_removed_at=None).exclude(state__in=BATCH.busy):
        remove_file(batch, reason="erasure")
        Batch.objects.filter(pk=batch.pk).update(detected={**batch.detected, "samples": []})
    mentioned = Q()
    for address in addresses:
        mentioned |= Q(values__contains=[address])
    if numbers and mentioned:
        RejectedRow.objects.filter(mentioned, batch__in=numbers).delete()
    changes.delete()
    Merge.objects.filter(Q(kept_id__in=lead_ids) | Q(lost_id__in=lead_ids), kind=Kind.LEAD).update(before={}, after={})
    for export in Export.objects.filter(file_removed_at=None).exclude(file=""):
        remove_file(export, reason="erasure")
