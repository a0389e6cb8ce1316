"""What each night did to a campaign's weights."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from outreach.core.states import one_of


class NightKind(models.TextChoices):
    """Why the weights are as they are."""

    LEARNED = "learned", _("Learned")
    TOO_FEW = "too_few", _("Too few outcomes")
    FROZEN = "frozen", _("Frozen")
    ROLLED_BACK = "rolled_back", _("Rolled back")


class WeightNight(models.Model):
    """One night of one campaign, or a person's way back. Append-only; the newest says what holds now."""

    Kind = NightKind

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="weight_nights")
    night = models.DateField(help_text="The day that begins with this night (UTC)")
    kind = models.TextField(choices=NightKind.choices)
    before = models.JSONField(default=dict, help_text="Feature → days")
    after = models.JSONField(default=dict, help_text="Feature → days")
    contacted_count = models.PositiveIntegerField(default=0)
    success_count = models.PositiveIntegerField(default=0)
    evidence = models.JSONField(default=dict, help_text="Feature → [people with it, successes among them]")
    user = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("night of learning")
        verbose_name_plural = _("nights of learning")
        ordering = ["-id"]
        constraints = [
            one_of("kind", NightKind.choices),
            models.UniqueConstraint(
                fields=["campaign", "night"], condition=~models.Q(kind="rolled_back"), name="weight_night_once"
            ),
        ]
        indexes = [models.Index(fields=["campaign", "-id"], name="weight_night_newest")]

    def __str__(self) -> str:
        return f"{self.campaign_id} · {self.night}"

    @property
    def is_change(self) -> bool:
        """Whether the weights became others."""
        return bool(self.before != self.after)
