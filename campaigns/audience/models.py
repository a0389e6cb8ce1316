"""Live sets: for each daily campaign, the best matching leads that were not taken yet."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.models import Dated


class LiveSet(Dated):
    """One live campaign's set: its criteria, its floor, and counts of entries and exits.

    At rest the set is exactly: every lead that matches, can be written to, is no candidate of the campaign yet, and
    ranks at `floor_rank`, `floor_lead` or better. Without a floor it is all of them.
    """

    campaign = models.OneToOneField("campaigns.Campaign", on_delete=models.CASCADE, related_name="live_set")
    segment_version = models.ForeignKey("segments.SegmentVersion", on_delete=models.PROTECT, related_name="+")
    channel = models.TextField(help_text="Channel of the first step; leads without an address there are left out")
    size = models.PositiveIntegerField(_("waiting"), default=0)
    floor_rank = models.IntegerField(null=True, blank=True, help_text="Empty: the set contains all matches")
    floor_lead = models.BigIntegerField(null=True, blank=True)
    entered_count = models.BigIntegerField(_("came in"), default=0)
    left_count = models.BigIntegerField(_("went out"), default=0)
    evicted_count = models.BigIntegerField(_("candidates taken out"), default=0)
    matched_at = models.DateTimeField(null=True, blank=True)
    match_ms = models.PositiveIntegerField(default=0)
    needs_match = models.BooleanField(default=True)
    keeps_candidates_to = models.BigIntegerField(
        default=0, help_text="Candidates up to this id stay regardless of the criteria"
    )

    class Meta:
        verbose_name = _("live set")
        verbose_name_plural = _("live sets")

    @property
    def is_unmatched(self) -> bool:
        """Nothing is known of it yet, or it is of other criteria. With a floor a set is exact above it, due or not."""
        return self.needs_match and self.floor_rank is None

    def __str__(self) -> str:
        return f"{self.campaign}"


class LiveMatch(models.Model):
    """One lead in one live set, narrow on purpose: there are millions of them.

    The first index says in which sets a changed lead is, the second is the shortlist.
    """

    pk = models.CompositePrimaryKey("lead_id", "campaign_id")
    lead_id = models.BigIntegerField()
    campaign_id = models.IntegerField()
    rank_key = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["campaign_id", "-rank_key", "-lead_id"], name="live_match_rank")]

    def __str__(self) -> str:
        return f"#{self.lead_id} in {self.campaign_id}"


class LiveFeed(models.Model):
    """One row: which edition (a drawn number) of all live criteria is in force, and until when windows were swept."""

    edition = models.BigIntegerField(default=0)
    swept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"edition {self.edition}"
