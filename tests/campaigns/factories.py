"""Rows of campaigns and what they stand on, made with as little as possible."""

from __future__ import annotations

from itertools import count
from typing import Any

from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import create_campaign, edit_campaign
from campaigns.models import Campaign, Candidate
from campaigns.steps.models import Step
from conversations.outbox.models import Stream
from conversations.senders.models import Sender
from leads import changes
from leads.cleaning import cells as cleaning
from leads.cleaning import names
from leads.models import Company, Identity, Lead
from leads.segments.models import Segment, SegmentVersion
from outreach.access.models import User
from outreach.core.models import Actor
from outreach.prompts.services import current

_numbers = count(1)


def make_user(role: str = "reviewer", **fields: Any) -> User:
    return User.objects.create_user(username=fields.pop("username", f"{role}{next(_numbers)}"), role=role, **fields)


def make_segment_version() -> SegmentVersion:
    segment = Segment.objects.create(name=f"Segment {next(_numbers)}")
    return SegmentVersion.objects.create(segment=segment, number=1, criteria={}, criteria_hash=f"hash{next(_numbers)}")


def make_sender(channel: str = "email", **fields: Any) -> Sender:
    number = next(_numbers)
    address = f"ann{number}@northwind.example" if channel == "email" else f"+120255501{number % 100:02d}"
    values = {"name": f"Postbox {number}", "adapter": "sandbox", "address": address, "display_name": "Ann Lee"}
    return Sender.objects.create(channel=channel, state="active", **{**values, **fields})


def make_lead(**fields: Any) -> Lead:
    """A reachable person at a company, with an e-mail address and a phone number that belong to nobody."""
    number = next(_numbers)
    name = fields.pop("company_name", f"Fabrikam {number}")
    company = fields.pop("company", None) or Company.objects.create(
        name=name, name_key=names.company_key(name), industry="Furniture", country="US"
    )
    values = {
        "first_name": "Joe",
        "last_name": "Poe",
        "full_name": "Joe Poe",
        "title": "Head of People",
        "language": "en",
        "country": "US",
    }
    values |= fields
    lead = Lead.objects.create(company=company, **{"name_key": cleaning.key(values["full_name"]), **values})
    Identity.objects.create(lead=lead, channel="email", address=f"joe{number}@fabrikam.example")
    Identity.objects.create(lead=lead, channel="sms", address=f"+1202555{number % 10_000:04d}")
    changes.record([lead.pk])
    return lead


def make_campaign(*, steps: tuple[str, ...] = ("first-contact-email",), **fields: Any) -> Campaign:
    """A campaign whose steps use the shipped packs named in `steps`."""
    number = next(_numbers)
    values = {
        "name": f"Campaign {number}",
        "goal": "A call of 20 minutes",
        "offer": "a review of your hiring process in one afternoon",
        "offer_translations": {"ru": "разбор вашего найма за полдня"},
        "booking_url": "https://cal.example/ann",
    }
    campaign = Campaign.objects.create(
        stream=Stream.objects.create(name=f"Stream {number}"),
        segment_version=fields.pop("segment_version", None) or make_segment_version(),
        **{**values, **fields},
    )
    for place, name in enumerate(steps, 1):
        version = current(name)
        Step.objects.create(
            campaign=campaign,
            number=place,
            channel=version.channel,
            sender=make_sender(version.channel),
            pack_version=version,
            delay_days=0 if place == 1 else 3,
        )
    return campaign


def make_candidate(
    campaign: Campaign, *, stage: str = "qualified", lead: Lead | None = None, **fields: Any
) -> Candidate:
    return Candidate.objects.create(campaign=campaign, lead=lead or make_lead(**fields), stage=stage, score=0.8)


def plan_campaign(*, created_by: Any = None, **fields: Any) -> Campaign:
    """A campaign as its plan makes it."""
    return create_campaign(CampaignPlan(**fields), created_by=created_by)


def change_plan(*, campaign: Campaign, actor: Actor, applies_to: str = "", **fields: Any) -> Campaign:
    return edit_campaign(campaign, CampaignPlan(**fields), actor=actor, applies_to=applies_to)
