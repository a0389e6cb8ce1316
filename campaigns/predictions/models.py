"""What each night learned, what was predicted before a first message, and which campaigns follow it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Candidate
from outreach.core.models import Dated


class PredictionNight(models.Model):
    """Everything that one night learned from the history; the newest is in force. Learned again, a night replaces itself.

    Erasure: stays; weights and counts name no one.
    """

    night = models.DateField(unique=True, help_text="The day that begins with this night (UTC)")
    people_count = models.PositiveIntegerField(help_text="People written to long enough ago to be learned from")
    estimators = models.JSONField(default=dict, help_text="Target → weights, calibration and figures; missing: silent")
    timing = models.JSONField(default=dict, help_text="Segment (0: all) → weekdays and hours")
    rates = models.JSONField(default=dict, help_text="Target → prior of a campaign's rate, and delays of answers")
    silence = models.JSONField(default=dict, help_text="How long people who answered before stay silent")
    use = models.JSONField(default=dict, help_text="What following the predictions brought, beside the held-out share")
    seconds = models.FloatField(default=0, help_text="How long learning took")
    learned_at = models.DateTimeField()

    class Meta:
        verbose_name = _("night of predictions")
        verbose_name_plural = _("nights of predictions")
        ordering = ["-night"]

    def __str__(self) -> str:
        return str(self.night)


class PredictionUse(Dated):
    """What a campaign uses predictions for. A campaign without a row uses them for nothing."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="prediction_use")
    orders = models.BooleanField(_("most promising first"), default=False)
    times = models.BooleanField(_("best hour of the day"), default=False)

    class Meta:
        verbose_name = _("use of predictions")
        verbose_name_plural = _("uses of predictions")

    def __str__(self) -> str:
        return str(self.campaign)


class Prediction(models.Model):
    """What was predicted for a candidate when the first message was planned: measured once the outcome is known.

    Erasure: stays; two probabilities that name no one.
    """

    candidate = models.OneToOneField(Candidate, on_delete=models.CASCADE, related_name="prediction")
    night = models.ForeignKey(PredictionNight, on_delete=models.PROTECT, related_name="+")
    reply = models.FloatField(null=True, help_text="Probability of a reply; empty: nothing could be said")
    conversion = models.FloatField(null=True)
    is_held_out = models.BooleanField(help_text="Kept apart: neither order nor time followed the prediction")
    is_ordered = models.BooleanField(default=False, help_text="The campaign ordered by predictions")
    is_timed = models.BooleanField(default=False, help_text="The campaign chose the hour by predictions")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        indexes = [models.Index(fields=["made_at"], name="prediction_made")]

    def __str__(self) -> str:
        return f"#{self.candidate_id}"
