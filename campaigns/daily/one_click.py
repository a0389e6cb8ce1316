"""A daily campaign from a handful of answers: shipped packs, a first message and a follow-up, started at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.drafts.models import ApprovalRule
from campaigns.launch import services
from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import create_campaign
from campaigns.models import Campaign
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


def create_daily(
    *,
    name: str,
    segment_version: SegmentVersion,
    sender: Sender,
    offer: str,
    created_by: User,
    goal: str = "",
    booking_url: str = "",
    brief: Brief | None = None,
    pool: str = "",
    daily_limit: int | None = None,
    time_zone: str = "UTC",
    sources: Sequence[Mapping[str, Any]] = (),
    is_approved_by_rule: bool = False,
) -> Campaign:
    """A daily campaign that runs. With `is_approved_by_rule` texts of quality 0.9 and more need no person.

    Raises `Invalid` naming the field, `Refused` with everything that stands against a start; then nothing is made.
    """
    steps = [
        StepPlan(
            channel=sender.channel,
            sender=sender,
            pool=pool,
            pack_version=_pack(pack),
            delay_days=FOLLOW_UP_AFTER if number else 0,
        )
        for number, pack in enumerate(PACKS.get(Channel(sender.channel), ()))
    ]
    if not steps:
        raise Invalid("sender", _("No prompt pack is shipped for this channel; plan the campaign step by step."))
    with transaction.atomic():
        plan = CampaignPlan(
            name=name,
            segment_version=segment_version,
            steps=steps,
            brief=brief,
            goal=goal or _("A short call"),
            offer=offer,
            booking_url=booking_url,
            window=WINDOW,
            mode=Campaign.Mode.DAILY,
            time_zone=time_zone,
            is_stopped_by_company=True,
            skips_holidays=True,
            daily_limit=daily_limit,
            sources=sources,
        )
        campaign = create_campaign(plan, created_by=created_by)
        if is_approved_by_rule:
            ApprovalRule.objects.create(
                campaign=campaign,
                name=_("Quality of 0.9 and more"),
                action=ApprovalRule.Action.APPROVE,
                conditions={"min_quality": AUTO_QUALITY},
            )
        services.start(campaign=campaign, actor=Actor.of(created_by), started_by=created_by)
    return campaign


def _pack(name: str) -> PackVersion:
    found = PackVersion.objects.filter(name=name, labels__label="current").first()
    if found is None:
        raise Invalid("sender", _("The prompt pack “%(name)s” is not here.") % {"name": name})
    return found
