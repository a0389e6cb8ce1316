"""Runs of the lab and their conversations, which are no conversations of anybody real."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from outreach.core.models import Dated


class Run(Dated):
    """One playbook against all personas. Two runs of one seed met the same people."""

    playbook_version = models.ForeignKey("playbooks.PlaybookVersion", on_delete=models.CASCADE, related_name="lab_runs")
    seed = models.PositiveIntegerField(_("seed"), default=1)
    rounds = models.PositiveSmallIntegerField(
        _("rounds"), default=3, help_text=_("Conversations a persona and language")
    )
    asks_models = models.BooleanField(default=False)
    against = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.playbook_version} · {self.pk}"


class Outcome(models.TextChoices):
    """How a conversation ended."""

    BOOKED = "booked", pgettext_lazy("one call", "Booked")
    AGREED = "agreed", _("Time agreed")
    STOPPED = "opted_out", _("Opted out")
    HELD = "held", _("Held: may be an opt-out")
    PERSON = "person", _("Left to a person")
    DECLINED = "declined", _("Declined")
    SILENT = "silent", _("Fell silent")
    LONG = "too_long", _("Too long")


class Play(models.Model):
    """One conversation: who, how it ended, the rules that were broken, and every word."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="plays")
    persona = models.TextField()
    language = models.TextField()
    number = models.PositiveSmallIntegerField()
    outcome = models.TextField(choices=Outcome.choices)
    answers = models.PositiveSmallIntegerField()
    doubts = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))
    breaks = models.JSONField(default=list)
    entries = models.JSONField(default=list)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "persona", "language", "number"], name="lab_play_once"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="lab_play_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.persona} {self.language} {self.number}"
