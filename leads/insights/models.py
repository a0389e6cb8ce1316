"""Vectors of leads, and what is waiting for one."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from pgvector.django import HalfVectorField, HnswIndex

from leads.models import Lead
from outreach.llm.embeddings import DIMENSIONS


class LeadEmbedding(models.Model):
    """What a lead is about, as a vector of length one. Rows of another `embedder` are not compared with it.

    Erasure: the row goes with the lead's texts.
    """

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="embedding")
    embedder = models.TextField(db_collation="C", help_text="Id of the embedder with its version")
    vector = HalfVectorField(dimensions=DIMENSIONS)
    content_hash = models.TextField(db_collation="C", help_text="Of the text that the vector is made of")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("vector of a lead")
        verbose_name_plural = _("vectors of leads")
        indexes = [
            HnswIndex(
                fields=["vector"],
                name="lead_embedding_hnsw",
                m=16,
                ef_construction=64,
                opclasses=["halfvec_cosine_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.lead_id} {self.embedder}"


class EmbeddingDue(models.Model):
    """Leads that changed since they were last looked at. A lead may stand here many times, or be gone by then."""

    lead_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"#{self.lead_id}"
