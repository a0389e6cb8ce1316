"""A daily campaign from a handful of answers: shipped packs, a first message and a follow-up, started at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction

from campaigns.drafts.models import ApprovalRule
from campaigns.launch import quick, services
from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import create_campaign
from campaigns.models import Campaign
from campaigns.review import rules
from conversations.playbooks.models import Playbook
from conversations.senders.models import Sender
from leads.qualification.models import Brief
from leads.segments.models import SegmentVersion
from outreach.access.models import User
from outreach.core.models import Actor
from outreach.core.words import gettext as _

AUTO_QUALITY = 0.9


@dataclass(frozen=True, kw_only=True)
class DailyAnswers:
    """The little that a daily campaign needs. With `is_approved_by_rule` texts of quality 0.9 and more need no person."""

    name: str
    segment_version: SegmentVersion
    sender: Sender
    offer: str
    goal: str = ""
    booking_url: str = ""
    brief: Brief | None = None
    playbook: Playbook | None = None
    pool: str = ""
    daily_limit: int | None = None
    time_zone: str = "UTC"
    sources: Sequence[Mapping[str, Any]] = ()
    keeps_busy: bool = False
    """Also people in another running campaign or contacted recently."""
    is_approved_by_rule: bool = False

    def plan(self) -> CampaignPlan:
        """The whole plan. Raises `Invalid` for a channel that no pack is shipped for."""
        own = ("sender", "pool", "is_approved_by_rule", "goal")
        alike = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in own}
        return CampaignPlan(
            **alike,
            steps=quick.shipped_steps(self.sender, pool=self.pool),
            goal=self.goal or _("A short call"),
            window=quick.OFFICE_HOURS,
            mode=Campaign.Mode.DAILY,
            is_stopped_by_company=True,
            skips_holidays=True,
        )


def create_daily(answers: DailyAnswers, *, created_by: User) -> Campaign:
    """A daily campaign that runs.

    Raises `Invalid` naming the field, `Refused` with everything that stands against a start; then nothing is made.
    """
    actor = Actor.of(created_by)
    with transaction.atomic():
        campaign = create_campaign(answers.plan(), created_by=created_by)
        if answers.is_approved_by_rule:
            rules.save_rule(
                campaign=campaign,
                name=_("Quality of 0.9 or more"),
                action=ApprovalRule.Action.APPROVE,
                conditions={"min_quality": AUTO_QUALITY},
                actor=actor,
            )
        services.start(campaign=campaign, actor=actor, started_by=created_by)
    return campaign
