"""Keep the vectors of leads up to date: what changed is written down, and embedded a handful at a time."""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.db import connection, transaction

from leads.duplicates.detection import COMPANIES_OF_BATCH, LEADS_OF_BATCH
from leads.insights import texts
from leads.insights.models import EmbeddingDue, LeadEmbedding
from leads.models import Lead
from outreach.core import clock
from outreach.core.hashing import joined_hash
from outreach.llm import embeddings, encoder

BATCH = 64
CHUNK = 10_000


def note(*, lead_ids: Iterable[int]) -> None:
    """Queue these changed leads; they are processed within half a minute."""
    EmbeddingDue.objects.bulk_create([EmbeddingDue(lead_id=lead_id) for lead_id in lead_ids], CHUNK)


def note_batch(*, batch_id: int) -> int:
    """Queue the leads of an import and of the companies it changed; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO insights_embeddingdue (lead_id) {LEADS_OF_BATCH} UNION"  # noqa: S608 - constants
            f" SELECT l.id FROM leads_lead l WHERE l.company_id IN ({COMPANIES_OF_BATCH})",
            {"batch": batch_id},
        )
        return int(cursor.rowcount)


def note_all() -> int:
    """Queue every lead by ranges of ids, after a change of the embedder; returns how many."""
    count, after = 0, 0
    while ids := list(Lead.objects.alive().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        note(lead_ids=ids)
        count, after = count + len(ids), ids[-1]
    return count


def embed_due(*, seconds: float = 20.0) -> int:
    """Embed due leads for about the given time; returns how many were processed. Unloads the model when nothing is left.

    Raises `Retryable` and `Permanent` of the embedder; what is due stays due.
    """
    ends_at, count = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < ends_at:
            due = list(EmbeddingDue.objects.order_by("pk")[:BATCH])
            if not due:
                break
            embed(lead_ids={row.lead_id for row in due})
            EmbeddingDue.objects.filter(pk__in=[row.pk for row in due]).delete()
            count += len(due)
    finally:
        if count and not is_due():
            encoder.release()
    return count


def is_due() -> bool:
    """Whether leads are waiting for a vector."""
    return EmbeddingDue.objects.exists()


def embed(*, lead_ids: Iterable[int]) -> int:
    """Update the vectors of these leads; returns how many were computed. Unchanged texts cost nothing.

    The embedder works outside of any transaction of ours: do not call it inside one.
    """
    embedder = embeddings.current()
    ids = set(lead_ids)
    leads = {lead.pk: lead for lead in Lead.objects.alive().select_related("company").filter(pk__in=ids)}
    wanted = {pk: text for pk, lead in leads.items() if (text := texts.of_lead(lead))}
    hashes = {pk: joined_hash(embedder.id, text) for pk, text in wanted.items()}
    known = dict(LeadEmbedding.objects.filter(lead__in=ids).values_list("lead_id", "content_hash"))
    changed = [pk for pk in wanted if known.get(pk) != hashes[pk]]
    vectors = embedder.embed([wanted[pk] for pk in changed]) if changed else []
    rows = [
        LeadEmbedding(lead_id=pk, embedder=embedder.id, vector=vector, content_hash=hashes[pk], at=clock.now())
        for pk, vector in zip(changed, vectors, strict=True)
        if any(vector)
    ]
    with transaction.atomic():
        alive = set(
            Lead.objects.alive().select_for_update().filter(pk__in=changed).values_list("pk", flat=True)
        )  # an erasure meanwhile wins
        LeadEmbedding.objects.filter(
            lead__in=(ids - wanted.keys()) | (set(changed) - {r.lead_id for r in rows})
        ).delete()
        LeadEmbedding.objects.bulk_create(
            [row for row in rows if row.lead_id in alive],
            update_conflicts=True,
            unique_fields=["lead"],
            update_fields=["embedder", "vector", "content_hash", "at"],
        )
    return len(rows)
