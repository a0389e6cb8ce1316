"""Leads with vectors of two kinds."""

from __future__ import annotations

import numpy as np

from leads.insights.models import LeadEmbedding
from leads.models import Lead
from outreach.llm.embeddings import DIMENSIONS, current


def make_crowd(count: int, *, spread: float = 0.4, seed: int = 1) -> list[Lead]:
    """Leads whose vectors point one way for even numbers (they fit) and another way for odd ones, with some spread."""
    random = np.random.default_rng(seed)
    rows = Lead.objects.bulk_create(Lead(full_name=f"Lead {n}", title="Buyer", title_key="buyer") for n in range(count))
    vectors = random.normal(0, spread / np.sqrt(DIMENSIONS), (count, DIMENSIONS))
    vectors[:, 0] += np.where(np.arange(count) % 2 == 0, 0.7, -0.7)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    LeadEmbedding.objects.bulk_create(
        LeadEmbedding(lead=lead, embedder=current().id, vector=list(vector), content_hash=f"h{lead.pk}")
        for lead, vector in zip(rows, vectors, strict=True)
    )
    return rows
