"""The shortest way to a campaign: a list or a segment, an offer, a sender; the rest has sensible defaults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.audience import services as audience
from campaigns.drafts.services import generate
from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import create_campaign
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign, Candidate
from campaigns.steps.plan import StepPlan
from conversations.senders.models import Sender
from leads.imports.models import Batch
from leads.models import Channel
from leads.segments.exports import matching
from leads.segments.models import Segment, SegmentVersion
from leads.segments.services import save_segment
from outreach.access.models import User
from outreach.core.addresses import is_reserved
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.prompts.models import PackVersion

PACKS = {Channel.EMAIL: ("first-contact-email", "follow-up-email"), Channel.SMS: ("first-contact-sms",)}
FOLLOW_UP_AFTER = 3
OFFICE_HOURS = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}


@dataclass(frozen=True, kw_only=True)
class QuickPlan:
    """What a person says: the audience (a version of a segment), the offer, the sender."""

    name: str
    segment_version: SegmentVersion
    sender: Sender
    offer: str
    booking_url: str = ""
    has_follow_up: bool = True


def shipped_steps(sender: Sender, *, pool: str = "", has_follow_up: bool = True) -> list[StepPlan]:
    """The shipped texts of the sender's channel. Raises `Invalid("sender")` for a channel without any."""
    names = PACKS.get(Channel(sender.channel), ())
    if not names:
        raise Invalid("sender", _("No texts are shipped for this channel. Plan the campaign step by step instead."))
    return [
        StepPlan(
            channel=sender.channel,
            sender=sender,
            pool=pool,
            pack_version=_pack(name),
            delay_days=FOLLOW_UP_AFTER if number else 0,
        )
        for number, name in enumerate(names if has_follow_up else names[:1])
    ]


@dataclass(frozen=True)
class People:
    """The list that a campaign starts with: those of a segment, or those of an import. Looking at it stores nothing."""

    title: str
    criteria: dict[str, Any]
    source: SegmentVersion | Batch

    def segment_version(self, *, created_by: User) -> SegmentVersion:
        """The list as a version of a segment, which a campaign needs; an import's is saved when it is first needed."""
        if isinstance(self.source, SegmentVersion):
            return self.source
        return segment_of(self.source, created_by=created_by)


def people_of(batch: Batch) -> People:
    """The people of one import."""
    criteria = {"all": [{"field": "lead.batch", "operator": "in", "value": [str(batch.pk)]}]}
    return People(Path(batch.file_name).stem, criteria, batch)


def segment_of(batch: Batch, *, created_by: User) -> SegmentVersion:
    """The people of one import as a segment, made once and named after its file."""
    name = _("%(file)s (import %(number)s)") % {"file": batch.file_name, "number": batch.pk}
    found = Segment.objects.filter(name=name, archived_at=None).first()
    if found is not None and found.current is not None:
        return found.current
    return save_segment(name=name, criteria=people_of(batch).criteria, created_by=created_by)


def in_other_campaigns(people: People) -> int:
    """How many of these people are in a campaign that is running now."""
    running = Candidate.objects.filter(campaign__state__in=CAMPAIGN.running, lead__in=matching(people.criteria))
    return running.exclude(stage__in=CANDIDATE.removed).values("lead").distinct().count()


def begin(plan: QuickPlan, *, created_by: User) -> Campaign:
    """Create the campaign, take its audience and have the texts written. Nothing is sent before somebody approves.

    A sandbox sender writes at any hour; others within office hours in the recipient's zone. Raises `Invalid` naming the
    field.
    """
    window = None if is_reserved(plan.sender.channel, plan.sender.address) else OFFICE_HOURS
    with transaction.atomic():
        campaign = create_campaign(
            CampaignPlan(
                name=plan.name,
                segment_version=plan.segment_version,
                steps=shipped_steps(plan.sender, has_follow_up=plan.has_follow_up),
                goal=_("A short call"),
                offer=plan.offer,
                booking_url=plan.booking_url,
                window=window,
                is_stopped_by_company=True,
                skips_holidays=window is not None,
            ),
            created_by=created_by,
        )
        found = audience.freeze_or_start(campaign=campaign, actor=Actor.of(created_by), started_by=created_by)
        if isinstance(found, audience.Audience):
            if not found.added:
                raise Invalid("segment", _nobody_left(found))
            generate(campaign=campaign, started_by=created_by)
    return campaign


def _nobody_left(found: audience.Audience) -> str:
    if not found.matching:
        return _("No one is in this list.")
    return _(
        "No one in this list can be written to: %(suppressed)s opted out, %(unreachable)s have no usable address."
    ) % {
        "suppressed": found.suppressed,
        "unreachable": found.unreachable,
    }


def _pack(name: str) -> PackVersion:
    found = PackVersion.objects.filter(name=name, labels__label="current").first()
    if found is None:
        raise Invalid("sender", _("The prompt pack “%(name)s” is missing.") % {"name": name})
    return found
