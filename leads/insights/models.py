"""Vectors of leads, research results with sources, insights that cite them, and files that were read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models import Company, Lead
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import one_of


class LeadEmbedding(models.Model):
    """A lead's vector of length one. Rows of another `embedder` are not compared with it.

    Erasure: the row goes with the lead's texts.
    """

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="embedding")
    embedder = models.TextField(db_collation="C", help_text="Id of the embedder with its version")
    vector = ArrayField(models.FloatField(), help_text="A halfvec where the server has pgvector, see vector_extension")
    content_hash = models.TextField(db_collation="C", help_text="Hash of the text behind the vector")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("vector of a lead")
        verbose_name_plural = _("vectors of leads")

    def __str__(self) -> str:
        return f"#{self.lead_id} {self.embedder}"


class EmbeddingDue(models.Model):
    """Leads that changed since they were last processed. A lead may be listed several times, or no longer exist."""

    lead_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"#{self.lead_id}"


class ResearchAnswer(models.Model):
    """A researcher's answer to a question, kept for `research.cache_days`.

    Erasure: answers about a lead are deleted.
    """

    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    key = models.TextField(unique=True, db_collation="C", help_text="Hash of researcher and question")
    researcher = models.TextField()
    findings = models.JSONField(default=list)
    fetched_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)


class ResearchSpending(models.Model):
    """Calls to a paid service on one day (UTC)."""

    researcher = models.TextField()
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["researcher", "day"], name="research_spending_once")]


class About(models.Model):
    """What says something about a company or about a lead: exactly one of the two."""

    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class Fact(About):
    """One statement with its source, quoted verbatim from `url`. Text from outside: data, never instruction.

    Erasure: facts about a lead are deleted.
    """

    researcher = models.TextField(help_text="website, exa, parallel, anysite, records, document")
    url = models.TextField(blank=True)
    title = models.TextField(blank=True)
    quote = models.TextField()
    published = models.TextField(blank=True)
    fetched_at = models.DateTimeField()
    key = models.TextField(db_collation="C", help_text="Hash of address and quote")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "key"], condition=~models.Q(company=None), name="fact_of_company"
            ),
            models.UniqueConstraint(fields=["lead", "key"], condition=~models.Q(lead=None), name="fact_of_lead"),
            models.CheckConstraint(
                condition=models.Q(company=None, lead__isnull=False) | models.Q(company__isnull=False, lead=None),
                name="fact_about_one",
            ),
        ]

    def __str__(self) -> str:
        return self.quote[:80]


class Insight(About, Dated):
    """What the facts amount to: points, each `{"text", "facts": [ids]}`, none without a fact.

    Erasure: the insight about a lead is deleted.
    """

    PARTS = ("summary", "fit", "pains", "triggers", "angles")

    summary = models.JSONField(default=list)
    fit = models.JSONField(default=list, help_text="Arguments for and against, by the brief")
    fit_score = models.PositiveSmallIntegerField(
        null=True, help_text="0 to 100; empty: no brief, or too little is known"
    )
    pains = models.JSONField(default=list)
    triggers = models.JSONField(default=list)
    angles = models.JSONField(default=list)
    brief = models.ForeignKey("qualification.Brief", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    provider = models.TextField(help_text="Who wrote it; `builtin`: the built-in rules, which only quote")
    remarks = models.JSONField(default=list, help_text="What could not be asked and why; points that were dropped")
    inputs_hash = models.TextField(db_collation="C", help_text="Hash of the facts and the brief behind it")
    interaction = models.ForeignKey(
        "llm.Interaction", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("insight")
        verbose_name_plural = _("insights")
        constraints = [
            models.UniqueConstraint(fields=["company"], condition=~models.Q(company=None), name="insight_of_company"),
            models.UniqueConstraint(fields=["lead"], condition=~models.Q(lead=None), name="insight_of_lead"),
            models.CheckConstraint(
                condition=models.Q(company=None, lead__isnull=False) | models.Q(company__isnull=False, lead=None),
                name="insight_about_one",
            ),
        ]

    def __str__(self) -> str:
        return str(self.lead or self.company)


class DocumentKind(models.TextChoices):
    IMAGE = "image", _("Picture")
    PDF = "pdf", _("PDF")


class Document(models.Model):
    """A picture or a PDF of a lead, and what could be read in it.

    Erasure: deleted with the lead.
    """

    Kind = DocumentKind

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="documents")
    url = models.TextField()
    kind = models.TextField(choices=Kind.choices, blank=True)
    content_hash = models.TextField(blank=True, db_collation="C")
    text = models.TextField(blank=True)
    quality = models.FloatField(null=True, help_text="0 to 1; empty: not measured")
    details = models.JSONField(default=dict)
    problem = SentenceField(blank=True, help_text="Why nothing, or not everything, was read")
    read_at = models.DateTimeField()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            one_of("kind", [*DocumentKind.choices, ("", "")]),
            models.UniqueConstraint(fields=["lead", "url"], name="document_once"),
        ]

    def __str__(self) -> str:
        return self.url
