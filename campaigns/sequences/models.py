"""The steps of a campaign."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models import Channel


class Step(models.Model):
    """One message of a campaign's sequence: channel, sender, prompt pack, and its delay after the step before."""

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    channel = models.TextField(_("channel"), choices=Channel.choices)
    sender = models.ForeignKey("senders.Sender", on_delete=models.PROTECT, related_name="steps")
    pack_version = models.ForeignKey("prompts.PackVersion", on_delete=models.PROTECT, related_name="steps")
    delay_days = models.PositiveSmallIntegerField(_("working days after the step before"), default=0)
    is_in_thread = models.BooleanField(_("as a reply to the step before"), default=True)

    class Meta:
        ordering = ["campaign", "number"]
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="step_once")]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.number}"
