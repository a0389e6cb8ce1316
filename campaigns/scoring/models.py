"""Weights of the cheap score, and what the score saw of the leads that it chose."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Candidate
from outreach.core.models import Dated


class ScoreWeights(Dated):
    """What each feature is worth to one campaign, in days of recency. A campaign without a row orders by recency alone.

    Written only by `scoring.services.set_weights`.
    """

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="score_weights")
    days = models.JSONField(default=dict, help_text="Feature → days, -90 to 90; a missing feature counts nothing")
    version = models.PositiveIntegerField(default=1, help_text="Grows with each change")
    is_frozen = models.BooleanField(_("frozen"), default=False, help_text=_("Weights no longer change by themselves"))

    class Meta:
        verbose_name = _("weights of the score")
        verbose_name_plural = _("weights of the score")

    def __str__(self) -> str:
        return f"{self.campaign} v{self.version}"


class ScoredFeatures(models.Model):
    """The features of a lead on the day when it was shortlisted: outcomes are learned from these, never from later facts.

    Erasure: stays; numbers from 0 to 1 that name no one.
    """

    candidate = models.OneToOneField(Candidate, on_delete=models.CASCADE, related_name="scored_features")
    values = models.JSONField(help_text="Feature → 0 to 1")
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name = _("features of a candidate")
        verbose_name_plural = _("features of candidates")

    def __str__(self) -> str:
        return f"#{self.candidate_id}"
