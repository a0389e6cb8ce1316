"""What campaigns show on the home page: drafts to review, running campaigns with their funnel, the first steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from campaigns import counts
from campaigns.drafts.models import Draft
from campaigns.journey.turns import open_tasks
from campaigns.models import CAMPAIGN, Campaign
from campaigns.overview import selectors
from conversations.models import Message
from conversations.senders.models import Sender
from leads.models import Lead
from leads.segments.models import Segment
from outreach.access.permissions import viewer_has
from outreach.access.roles import Role
from outreach.core.home import Panel, Tile
from outreach.core.navigation import address, capped
from outreach.core.palette import Found

SHOWN_CAMPAIGNS = 4


def drafts_waiting(request: HttpRequest) -> int:
    """How many messages of live campaigns wait for a person, whatever the number of their variants."""
    return counts.to_review(Draft.objects.filter(candidate__campaign__state__in=CAMPAIGN.live))


def tasks_waiting(request: HttpRequest) -> int:
    """How many tasks of sequences wait for a person."""
    return capped(open_tasks())


def drafts_to_review(request: HttpRequest) -> Tile:
    """Drafts of live campaigns that need a person."""
    return Tile(_("messages to review"), drafts_waiting(request), address("drafts:queue"), order=20)


def tasks_to_do(request: HttpRequest) -> Tile:
    """Tasks of sequences that wait for a person."""
    return Tile(_("tasks to do"), tasks_waiting(request), address("campaigns:tasks"), "amber", order=30)


def find_campaigns(request: HttpRequest, text: str, limit: int) -> Iterator[Found]:
    """For the command palette: campaigns by a part of their name, the newest first."""
    for campaign in Campaign.objects.filter(name__icontains=text).order_by("-pk")[:limit]:
        state = str(CAMPAIGN.states[campaign.state].label)
        yield Found(campaign.name, address("campaigns:detail", campaign.pk), state)


HOME_NUMBERS = ("audience", "drafted", "contacted", "replied", "won")


def running(request: HttpRequest) -> Panel | None:
    """Campaigns in the middle of their life, those that send first."""
    campaigns = list(Campaign.objects.live().order_by("-pk")[:50])
    campaigns.sort(key=lambda campaign: CAMPAIGN.live.index(campaign.state))
    campaigns = campaigns[:SHOWN_CAMPAIGNS]
    if not campaigns:
        return None
    standing = selectors.standing(campaigns)
    rows = [
        {
            "campaign": campaign,
            "url": address("campaigns:detail", campaign.pk),
            "audience": standing[campaign.pk].audience,
            "funnel": [bar for bar in selectors.funnel(campaign, standing[campaign.pk]) if bar.name in HOME_NUMBERS],
        }
        for campaign in campaigns
    ]
    return Panel(
        _("Campaigns"), "campaigns/overview/_home_running.html", {"rows": rows}, 20, "main", address("campaigns:list")
    )


@dataclass(frozen=True)
class FirstStep:
    title: str
    text: str
    url: str
    action: str
    is_done: bool


def first_steps(request: HttpRequest) -> Panel | None:
    """The steps from an empty system to the first message; hidden once a message was sent."""
    if not viewer_has(request, Role.OPERATOR) or Message.objects.left().exists():
        return None
    approved = Draft.objects.final().exists()
    steps = [
        FirstStep(
            _("Import a list"), _("People or companies from a CSV or XLSX file."),
            address("imports:list"), _("Import"), Lead.objects.exists(),
        ),
        FirstStep(
            _("Build a segment"), _("Choose who you want to reach, with a live count."),
            address("segments:list"), _("Build"), Segment.objects.exists(),
        ),
        FirstStep(
            _("Connect a sender"), _("A mailbox or phone number. The sandbox needs neither."),
            address("senders:list"), _("Connect"), Sender.objects.active().exists(),
        ),
        FirstStep(
            _("Create a campaign"), _("Segment, steps, texts and sender. Candidates are qualified with reasons."),
            address("campaigns:list"), _("Create"), Campaign.objects.exists(),
        ),
        FirstStep(
            _("Review the drafts"), _("Nothing is sent until someone has approved exactly that text."),
            address("drafts:queue"), _("Review"), approved,
        ),
        FirstStep(
            _("Send"), _("Start the campaign, watch replies come in."), address("campaigns:list"), _("Start"), False,
        ),
    ]  # fmt: skip
    current = next((step for step in steps if not step.is_done), None)
    return Panel(
        _("First steps"), "campaigns/overview/_home_first_steps.html", {"steps": steps, "current": current}, 10
    )
