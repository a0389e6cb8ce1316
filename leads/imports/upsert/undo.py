# ruff: noqa: S608  (names in these statements come from our own tables of fields, values are parameters)
"""Undo an import, as long as nothing has been sent to its leads.

What it created is removed, what it changed gets its old values back where nobody changed them since, in one
transaction. Upper wings are asked first and take their own rows away: `leads.keepers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Count, ProtectedError, Q

from leads import changes
from leads.imports import abandoned
from leads.imports.models import BATCH, Batch, Change, RejectedRow
from leads.imports.upsert.fields import COMPANY, LEAD
from leads.imports.upsert.services import UPSERT_LOCK
from leads.imports.upsert.staging import fetch, run_sql
from leads.keepers import keepers
from leads.models import Company, Identity, Lead
from leads.services import refresh_content_hashes
from outreach.core.errors import OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.jobs.services import start_job

if TYPE_CHECKING:
    from outreach.access.models import User
    from outreach.jobs.models import Job

CHUNK = 1_000
_COLUMNS = {
    "lead": (*LEAD.names, "company_id", "as_of_at"),
    "company": (*COMPANY.names, "as_of_at"),
}


def objection(batch: Batch) -> str:
    """Why this import cannot be undone, as a sentence; empty when it can."""
    if not batch.is_done:
        return _("Only a finished import can be undone.")
    created = Lead.objects.filter(batch=batch)
    if created.filter(merged_into__isnull=False).exists():
        return _("People of this import were merged with others: undo those merges first.")
    merged = Company.objects.filter(batch=batch, merged_into__isnull=False)
    if (
        merged.exists()
        or Company.objects.filter(merged_into__batch=batch).exists()
        or created.filter(merged__isnull=False).exists()
    ):
        return _("Records of this import were merged with others: undo those merges first.")
    changed = Lead.objects.filter(pk__in=Change.objects.filter(batch=batch, model=Change.Model.LEAD).values("row_id"))
    for keeper in keepers():
        for leads in (created, changed):
            if sentence := keeper.objection(leads, since=batch.created_at):
                return sentence
    return ""


def _refuse(batch: Batch) -> None:
    if sentence := objection(batch):
        raise Refused(sentence, code="import_not_undoable")


def start(*, batch: Batch, actor: Actor, started_by: User | None = None) -> Job:
    """Undo the import as a visible job. Raises `Refused` `import_not_undoable` with the reason."""
    _refuse(batch)
    with transaction.atomic():
        BATCH.move(batch, "undoing", actor=actor)
        job = start_job(
            kind="import undo",
            task="leads.imports.tasks.undo",
            arguments={"batch_id": batch.pk},
            subject=batch,
            started_by=started_by,
            total_count=Lead.objects.filter(batch=batch).count(),
        )
        Batch.objects.filter(pk=batch.pk).update(job=job)
        batch.job = job
    return job


def undo_now(*, batch: Batch, actor: Actor) -> dict[str, int]:
    """Undo the import in this process; returns what was undone. Raises like `start`."""
    _refuse(batch)
    with abandoned.held(batch):
        BATCH.move(batch, "undoing", actor=actor)
        return run(batch=batch, actor=actor)


def run(*, batch: Batch, actor: Actor, progress: Callable[[int], Any] = lambda _count: None) -> dict[str, int]:
    """The undo itself; the batch returns to "done" if it fails."""
    try:
        with transaction.atomic():
            run_sql("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": UPSERT_LOCK})
            counts = _undo(batch, progress)
            BATCH.move(batch, "undone", actor=actor, changes={"counts": {**batch.counts, "undone": counts}})
            publish("lead.changed", batch_id=batch.pk)
            publish("leads.import_undone", batch_id=batch.pk)
    except (ProtectedError, IntegrityError) as error:
        abandoned.fall_back(batch, actor=actor, reason=_("It could not be undone."))
        raise Refused(
            _("Something that depends on the leads of this import must not be removed."), code="import_not_undoable"
        ) from error
    except OutreachError as error:
        abandoned.fall_back(batch, actor=actor, reason=error.code)
        raise
    return counts


def _undo(batch: Batch, progress: Callable[[int], Any]) -> dict[str, int]:
    addresses = Change.objects.filter(batch=batch, model=Change.Model.IDENTITY)
    touched = {number for number in addresses.values_list("lead_id", flat=True) if number is not None}
    removed_addresses, _rows = Identity.objects.filter(pk__in=addresses.values("row_id")).delete()
    restored = {model: _restore(batch, model) for model in ("lead", "company")}
    created = 0
    while ids := list(Lead.objects.filter(batch=batch).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        leads = Lead.objects.filter(pk__in=ids)
        for keeper in keepers():
            keeper.remove(leads)
        leads.delete()
        changes.record(ids)
        created += len(ids)
        progress(created)
    companies, kept = _remove_companies(batch)
    changed = restored["lead"] | touched
    of_companies = Lead.objects.alive().filter(company__in=restored["company"]).values_list("pk", flat=True)
    refresh_content_hashes([*changed, *of_companies])
    changes.record(changed)
    changes.record_companies(restored["company"])
    Change.objects.filter(batch=batch).delete()
    RejectedRow.objects.filter(batch=batch).delete()
    return {
        "leads_removed": created,
        "leads_restored": len(changed),
        "addresses_removed": removed_addresses,
        "companies_removed": companies,
        "companies_kept": kept,
        "companies_restored": len(restored["company"]),
    }


def _restore(batch: Batch, model: str) -> set[int]:
    """Old values back into the fields that still hold what the import wrote; the newest change of a row first."""
    restored: set[int] = set()
    columns = _COLUMNS[model]
    latest = (
        "SELECT DISTINCT ON (row_id) id, row_id, before, after FROM imports_change"
        " WHERE batch_id = %(batch)s AND model = %(model)s ORDER BY row_id, id DESC"
    )
    while True:
        rows = fetch(
            f"WITH latest AS ({latest}), done AS (UPDATE leads_{model} t SET updated_at = now(), "
            + ", ".join(f"{name} = r.{name}" for name in columns)
            + f" FROM latest g JOIN leads_{model} l ON l.id = g.row_id"
            " CROSS JOIN LATERAL (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}'::jsonb) AS old FROM jsonb_each(g.before) e"
            "  WHERE to_jsonb(l) -> e.key IS NOT DISTINCT FROM g.after -> e.key) b"
            " CROSS JOIN LATERAL jsonb_populate_record(l, b.old) r"
            " WHERE t.id = l.id" + (" AND l.erased_at IS NULL" if model == "lead" else "") + " RETURNING t.id),"
            " gone AS (DELETE FROM imports_change c USING latest g WHERE c.id = g.id RETURNING c.id)"
            " SELECT (SELECT count(*) FROM gone), array(SELECT id FROM done)",
            {"batch": batch.pk, "model": model},
        )
        deleted, ids = rows[0]
        restored.update(ids)
        if not deleted:
            return restored


def _remove_companies(batch: Batch) -> tuple[int, int]:
    """Delete companies that the import created, except those that other leads now work at."""
    mine = Company.objects.filter(batch=batch).annotate(lead_count=Count("leads", filter=Q(leads__erased_at=None)))
    kept = list(mine.filter(lead_count__gt=0).values_list("pk", flat=True))
    Company.objects.filter(pk__in=kept).update(batch=None)
    removed = 0
    while ids := list(Company.objects.filter(batch=batch).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        Company.objects.filter(pk__in=ids).delete()
        removed += len(ids)
    return removed, len(kept)
