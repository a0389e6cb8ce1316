"""Briefs and verdicts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.models import Dated
from outreach.core.states import one_of


class Brief(Dated):
    """What a campaign looks for, as factors and text. `content_hash` changes with either."""

    name = models.TextField(_("name"), unique=True)
    description = models.TextField(_("who we look for"), blank=True)
    factors = models.JSONField(default=dict, help_text="Weights and settings of the five factors")
    use_model = models.BooleanField(_("use a language model as judge"), default=False)
    content_hash = models.TextField(editable=False)
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class VerdictSource(models.TextChoices):
    RULES = "rules", _("Rules")
    LEARNER = "learner", _("Learner")
    LLM = "llm", _("Language model")
    PERSON = "person", _("Person")


class Verdict(models.Model):
    """The result of qualifying one lead for one brief. Append-only; the newest of the strongest source counts.

    Erasure: reasons, flags and factors are emptied, and what a model was asked.
    """

    Source = VerdictSource

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="verdicts")
    brief = models.ForeignKey(Brief, on_delete=models.CASCADE, related_name="verdicts")
    source = models.TextField(choices=Source.choices)
    is_qualified = models.BooleanField(null=True, help_text="Empty: not enough is known")
    score = models.FloatField(null=True, help_text="0 to 1")
    coverage = models.FloatField(null=True, help_text="Share of the weight that is known, 0 to 1")
    confidence = models.FloatField(null=True)
    grade = models.TextField(blank=True)
    reasons = models.JSONField(default=list)
    flags = models.JSONField(default=list)
    factors = models.JSONField(default=dict)
    lead_hash = models.TextField()
    brief_hash = models.TextField()
    version = models.TextField(help_text="Version of the rules, or model")
    interaction = models.ForeignKey(
        "llm.Interaction", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [one_of("source", VerdictSource.choices)]
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["lead", "brief", "-id"], name="verdict_lead_brief"),
            models.Index(fields=["brief", "-id"], name="verdict_brief"),
        ]
