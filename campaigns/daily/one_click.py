"""A daily campaign from a handful of answers: shipped packs, a first message and a follow-up, started at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.drafts.models import ApprovalRule
from campaigns.launch import services
from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import create_campaign
from campaigns.models import Campaign
from campaigns.review import rules
from campaigns.steps.plan import StepPlan
from conversations.senders.models import Sender
from leads.models import Channel
from leads.qualification.models import Brief
from leads.segments.models import SegmentVersion
from outreach.access.models import User
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.prompts.models import PackVersion

PACKS = {Channel.EMAIL: ("first-contact-email", "follow-up-email"), Channel.SMS: ("first-contact-sms",)}
FOLLOW_UP_AFTER = 3
WINDOW = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}
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
    pool: str = ""
    daily_limit: int | None = None
    time_zone: str = "UTC"
    sources: Sequence[Mapping[str, Any]] = ()
    is_approved_by_rule: bool = False

    def plan(self) -> CampaignPlan:
        """The whole plan. Raises `Invalid` for a channel that no pack is shipped for."""
        steps = [
            StepPlan(
                channel=self.sender.channel,
                sender=self.sender,
                pool=self.pool,
                pack_version=_pack(pack),
                delay_days=FOLLOW_UP_AFTER if number else 0,
            )
            for number, pack in enumerate(PACKS.get(Channel(self.sender.channel), ()))
        ]
        if not steps:
            raise Invalid("sender", _("No prompt pack is shipped for this channel; plan the campaign step by step."))
        own = ("sender", "pool", "is_approved_by_rule", "goal")
        alike = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in own}
        return CampaignPlan(
            **alike,
            steps=steps,
            goal=self.goal or _("A short call"),
            window=WINDOW,
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
                name=_("Quality of 0.9 and more"),
                action=ApprovalRule.Action.APPROVE,
                conditions={"min_quality": AUTO_QUALITY},
                actor=actor,
            )
        services.start(campaign=campaign, actor=actor, started_by=created_by)
    return campaign


def _pack(name: str) -> PackVersion:
    found = PackVersion.objects.filter(name=name, labels__label="current").first()
    if found is None:
        raise Invalid("sender", _("The prompt pack “%(name)s” is not here.") % {"name": name})
    return found
