"""Use cases of this room."""

from __future__ import annotations

from collections.abc import Iterable

from leads.insights.models import EmbeddingDue, LeadEmbedding


def forget(*, lead_ids: Iterable[int]) -> None:
    """Take away all that was found out about these leads: they are being erased."""
    ids = list(lead_ids)
    LeadEmbedding.objects.filter(lead__in=ids).delete()
    EmbeddingDue.objects.filter(lead_id__in=ids).delete()
