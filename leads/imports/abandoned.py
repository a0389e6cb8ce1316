"""Imports, and their undoing, whose process ended in the middle: each is one transaction, so nothing of them was written."""

from __future__ import annotations

from contextlib import AbstractContextManager

from leads.imports.models import BATCH, Batch
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.periodic import exclusive

ACTOR = Actor.system("import")


def held(batch: Batch) -> AbstractContextManager[bool]:
    """A lock for as long as a process works on `batch` without a job; it is free once that process is gone."""
    return exclusive(f"import:{batch.pk}")


def fall_back(batch: Batch, *, actor: Actor = ACTOR, reason: str) -> bool:
    """Out of a busy state, to the one from which it can be tried again; False where it was in none.

    What is stored counts: a row whose last change was rolled back doesn't know it.
    """
    batch.refresh_from_db(fields=["state"])
    if batch.is_running:
        BATCH.move(batch, "failed", actor=actor, changes={"error": reason})
    elif batch.is_busy:
        BATCH.move(batch, "done", actor=actor, reason=reason)
    else:
        return False
    return True


def close() -> int:
    """Let go of what a killed process, or a job that ended without it, left busy; returns how many."""
    count = 0
    for batch in Batch.objects.filter(state__in=BATCH.busy).select_related("job"):
        if batch.job is not None and not batch.job.is_over:
            continue
        with held(batch) as is_free:
            count += is_free and fall_back(
                batch, reason=_("The import was interrupted. Nothing was imported; run it again.")
            )
    return count
