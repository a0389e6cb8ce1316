"""What campaigns show on the home page: what to review, which campaigns need someone, how it goes, the first steps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from campaigns import counts
from campaigns.drafts.models import Draft
from campaigns.journey.turns import open_tasks
from campaigns.models import CAMPAIGN, Campaign
from campaigns.overview import facts, selectors
from campaigns.overview.situation import situation
from campaigns.overview.views import shown
from campaigns.rollups import selectors as rollups
from conversations.models import Message
from conversations.senders.models import Sender
from leads.imports.models import Batch
from outreach.access.permissions import viewer_has
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.home import Panel, Tile
from outreach.core.navigation import COUNT_CAP, address, capped
from outreach.core.palette import Found

SHOWN_CAMPAIGNS = 6
WEEKS = 8
NUMBERS = ("contacted", "replied", "won")


def _to_review(request: HttpRequest) -> dict[int, int]:
    """Messages of live campaigns that wait for a person, by campaign; counted once a page."""
    if not hasattr(request, "to_review"):
        drafts = Draft.objects.filter(step__campaign__state__in=CAMPAIGN.live)
        request.to_review = counts.to_review_by_campaign(drafts)  # type: ignore[attr-defined]
    found: dict[int, int] = request.to_review  # type: ignore[attr-defined]
    return found


def drafts_waiting(request: HttpRequest) -> int:
    """How many messages of live campaigns wait for a person, whatever the number of their variants."""
    return sum(_to_review(request).values())


def drafts_waiting_capped(request: HttpRequest) -> int:
    """The same for the navigation, which every page shows: counted no further than one beyond the cap."""
    if hasattr(request, "to_review"):
        return drafts_waiting(request)
    rows = counts.waiting_drafts(Draft.objects.filter(step__campaign__state__in=CAMPAIGN.live))
    messages = rows.order_by("step_id", "candidate_id").values_list("step_id", "candidate_id").distinct()
    return messages[: COUNT_CAP + 1].count()


def tasks_waiting(request: HttpRequest) -> int:
    """How many tasks of sequences wait for a person."""
    return capped(open_tasks())


def drafts_to_review(request: HttpRequest) -> Tile:
    """Drafts of live campaigns that need a person."""
    action = _("Review drafts") if request.user.has_perm("outreach.review") else ""
    return Tile(_("to review"), drafts_waiting(request), address("drafts:queue"), order=20, action=action)


def tasks_to_do(request: HttpRequest) -> Tile:
    """Tasks of sequences that wait for a person."""
    return Tile(_("to do"), open_tasks(), address("campaigns:tasks"), "amber", order=30)


def find_campaigns(request: HttpRequest, text: str, limit: int) -> Iterator[Found]:
    """For the command palette: campaigns by a part of their name, the newest first."""
    for campaign in Campaign.objects.filter(name__icontains=text).order_by("-pk")[:limit]:
        state = str(CAMPAIGN.states[campaign.state].label)
        yield Found(campaign.name, address("campaigns:detail", campaign.pk), state)


def _live(request: HttpRequest) -> tuple[list[Campaign], dict[int, counts.Numbers]]:
    """Campaigns in the middle of their life, those that send first, and their numbers; read once a page."""
    if not hasattr(request, "live_campaigns"):
        rows = Campaign.objects.live().select_related("segment_version__segment", "brief", "stream")
        found = sorted(rows.order_by("-pk")[:50], key=lambda campaign: CAMPAIGN.live.index(campaign.state))
        shown = found[:SHOWN_CAMPAIGNS]
        request.live_campaigns = shown, rollups.by_campaign([campaign.pk for campaign in shown])  # type: ignore[attr-defined]
    kept: tuple[list[Campaign], dict[int, counts.Numbers]] = request.live_campaigns  # type: ignore[attr-defined]
    return kept


def running(request: HttpRequest) -> Panel | None:
    """Live campaigns with their numbers; what each needs follows in a request of its own."""
    campaigns, numbers = _live(request)
    if not campaigns:
        return None
    waiting = _to_review(request)
    rows = [
        {
            "campaign": campaign,
            "numbers": numbers[campaign.pk].as_dict(),
            "to_review": waiting.get(campaign.pk, 0),
        }
        for campaign in campaigns
    ]
    return Panel(
        _("Campaigns"), "campaigns/overview/_home_running.html", {"rows": rows}, 20, "main", address("campaigns:list")
    )


@require_GET
def situations(request: HttpRequest) -> HttpResponse:
    """GET /campaigns/situations/: for the home page, what each live campaign is waiting for, the stuck ones first."""
    campaigns, _numbers = _live(request)
    standing = selectors.standing(campaigns)
    known, now = facts.facts_of(campaigns, standing), clock.now()
    rows: list[dict[str, Any]] = []
    for campaign in campaigns:
        found = situation(known[campaign.pk], now=now)
        rows.append(
            {
                "campaign": campaign,
                "numbers": standing[campaign.pk].numbers.as_dict(),
                "to_review": standing[campaign.pk].drafts_to_review,
                "situation": found,
                "action": shown(found.action, campaign),
            }
        )
    rows.sort(key=lambda row: row["situation"].tone != "amber")
    return render(request, "campaigns/overview/_home_running.html", {"rows": rows, "is_complete": True})


def trend(request: HttpRequest) -> Panel | None:
    """Messages sent, people who replied and positive replies, week by week."""
    weeks = rollups.weekly(WEEKS, now=timezone.localtime(clock.now()))
    if not any(week.sent or week.replied for week in weeks):
        return None
    chart = [
        {"name": str(name), "data": [(week.monday.isoformat(), getattr(week, field)) for week in weeks]}
        for name, field in (
            (_("Messages sent"), "sent"),
            (_("People who replied"), "replied"),
            (_("Positive replies"), "positive"),
        )
    ]
    context = {"chart": json.dumps(chart), "this": weeks[-1], "last": weeks[-2]}
    return Panel(
        _("The last weeks"), "campaigns/overview/_home_trend.html", context, 40, "main", address("reports:index")
    )


@dataclass(frozen=True)
class FirstStep:
    title: str
    text: str
    url: str
    action: str
    is_done: bool


def _sender_step() -> FirstStep:
    """Connect a sender, or verify the one that was added."""
    title, is_done = _("Connect a sender"), Sender.objects.active().exists()
    added = None if is_done else Sender.objects.filter(verified_at=None).order_by("-pk").first()
    if added:
        return FirstStep(
            title,
            _("%(sender)s may send once it is verified.") % {"sender": added.name},
            address("senders:detail", added.pk),
            _("Verify"),
            is_done,
        )
    text = _("The mailbox or phone number you write from. The sandbox needs neither.")
    return FirstStep(title, text, address("senders:choice"), _("Connect"), is_done)


def first_steps(request: HttpRequest) -> Panel | None:
    """The steps from an empty system to the first message; hidden once a message was sent."""
    if not viewer_has(request, Role.OPERATOR):
        return None
    campaigns, numbers = _live(request)
    if any(one.contacted for one in numbers.values()) or Message.objects.left().exists():
        return None
    batch = Batch.objects.filter(counts__created__gt=0).order_by("-pk").values_list("pk", flat=True).first()
    campaign = campaigns[0] if campaigns else None
    start = f"{address('campaigns:quick_start')}?import={batch}" if batch else address("campaigns:create")
    steps = [
        _sender_step(),
        FirstStep(
            _("Import a list"),
            _("People from a CSV or XLSX file."),
            address("imports:create"),
            _("Import"),
            batch is not None,
        ),
        FirstStep(
            _("Start a campaign"), _("Say what you offer; drafts are written for everyone."), start, _("Start"), campaign is not None,
        ),
        FirstStep(
            _("Review the drafts"),
            _("Nothing is sent until someone has approved exactly that text."),
            address("drafts:review", campaign.pk) if campaign else address("drafts:queue"),
            _("Review"),
            Draft.objects.final().exists(),
        ),
    ]  # fmt: skip
    current = next((step for step in steps if not step.is_done), None)
    return Panel(
        _("First steps"), "campaigns/overview/_home_first_steps.html", {"steps": steps, "current": current}, 12
    )


def names_of(ids: Iterable[int]) -> dict[int, str]:
    """What campaigns are called, by id."""
    return dict(Campaign.objects.filter(pk__in=list(ids)).values_list("pk", "name"))
