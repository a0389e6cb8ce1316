"""Pages of campaigns: list, plan, and the page of one campaign with what to do next."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from campaigns.audience import discovery
from campaigns.audience import services as audience
from campaigns.daily.services import start_run
from campaigns.drafts import services as drafts
from campaigns.launch import checks, services
from campaigns.launch.forms import DAYS
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign
from campaigns.overview import selectors
from outreach.access.pages import Request, action
from outreach.access.roles import Role
from outreach.access.views import viewer
from outreach.core import clock
from outreach.core.models import Actor
from outreach.jobs.models import JOB, Job

PAGE = 25


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(
        Campaign.objects.select_related("segment_version__segment", "brief", "stream", "created_by"), pk=pk
    )


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All campaigns with state, audience, funnel and next send."""
    state = request.GET.get("state", "")
    after = int(request.GET["after"]) if request.GET.get("after", "").isdecimal() else 0
    rows = list(selectors.campaign_rows(state=state if state in CAMPAIGN.states else "", after=after, limit=PAGE + 1))
    page, more = rows[:PAGE], len(rows) > PAGE
    standing = selectors.standing(page)
    return render(
        request,
        "campaigns/overview/list.html",
        {
            "rows": [
                {
                    "campaign": c,
                    "standing": standing[c.pk],
                    "funnel": selectors.funnel(c, standing[c.pk]),
                    "is_sending": c.is_sending,
                }
                for c in page
            ],
            "states": [(name, s.label) for name, s in CAMPAIGN.states.items()],
            "state": state,
            "next_after": page[-1].pk if more else None,
        },
    )


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign: funnel, next action, jobs, plan, what is coming and what is stuck."""
    return render(request, "campaigns/overview/detail.html", _page(request, _campaign(pk)))


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The live part of the page; it polls while something is in progress."""
    return render(request, "campaigns/overview/_progress.html", _page(request, _campaign(pk)))


def _page(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    one = selectors.standing([campaign])[campaign.pk]
    jobs = selectors.jobs_of(campaign)
    running = [job for job in jobs if job.state not in JOB.over]
    return {
        "campaign": campaign,
        "standing": one,
        "funnel": selectors.funnel(campaign, one),
        "outcomes": selectors.outcome_counts(campaign),
        "action": selectors.next_action(campaign, one, running=bool(running)),
        "jobs": jobs,
        "is_moving": bool(running) or (campaign.is_sending and one.planned > 0),
        "problems": checks.check(campaign) if campaign.state in CAMPAIGN.live else [],
        "upcoming": selectors.upcoming(campaign),
        "now": clock.now(),
        "stuck": selectors.stuck(campaign),
        "forecast": selectors.forecast(campaign),
        "buttons": selectors.buttons(campaign),
        "can_edit": campaign.state in CAMPAIGN.live,
        "can_pause": "paused" in dict(CAMPAIGN.next_by_hand(campaign.state, viewer(request).role)),
        "headline": selectors.headline(campaign),
        "stage_labels": [(name, s.label) for name, s in CANDIDATE.states.items() if one.stages.get(name)],
        "window_days": ", ".join(
            str(label) for value, label in DAYS if int(value) in campaign.stream.window.get("days", ())
        ),
    }


@action(Role.OPERATOR, back="campaigns:detail")
def freeze(request: Request, pk: int) -> str:
    """POST …/freeze/"""
    found = audience.freeze_or_start(campaign=_campaign(pk), actor=Actor.of(request.user), started_by=request.user)
    if isinstance(found, Job):
        return _("The audience is being frozen. The page shows the progress.")
    return ngettext(
        "%(count)s candidate added. Left out: %(suppressed)s suppressed, %(unreachable)s without an address.",
        "%(count)s candidates added. Left out: %(suppressed)s suppressed, %(unreachable)s without an address.",
        found.added,
    ) % {"count": found.added, "suppressed": found.suppressed, "unreachable": found.unreachable}


@action(Role.OPERATOR, back="campaigns:detail")
def discover(request: Request, pk: int) -> str:
    """POST …/discover/"""
    jobs = discovery.discover(campaign=_campaign(pk), actor=Actor.of(request.user), started_by=request.user)
    return ngettext("%(count)s crawl started.", "%(count)s crawls started.", len(jobs)) % {"count": len(jobs)}


@action(Role.OPERATOR, back="campaigns:detail")
def run_day(request: Request, pk: int) -> str:
    """POST …/run-day/"""
    start_run(campaign=_campaign(pk), started_by=request.user)
    return _("Looking for today's best leads.")


@action(Role.OPERATOR, back="campaigns:detail")
def qualify(request: Request, pk: int) -> str:
    """POST …/qualify/"""
    audience.qualify_candidates(campaign=_campaign(pk), started_by=request.user)
    return _("Qualification has started.")


@action(Role.OPERATOR, back="campaigns:detail")
def take_everyone(request: Request, pk: int) -> str:
    """POST …/take-everyone/"""
    moved = audience.take_everyone(campaign=_campaign(pk), actor=Actor.of(request.user))
    return ngettext("%(count)s person qualified.", "%(count)s people qualified.", moved) % {"count": moved}


@action(Role.OPERATOR, back="campaigns:detail")
def generate(request: Request, pk: int) -> str:
    """POST …/generate/"""
    drafts.generate(campaign=_campaign(pk), started_by=request.user)
    return _("Writing drafts.")


@action(Role.OPERATOR, back="campaigns:detail")
def start(request: Request, pk: int) -> str:
    """POST …/start/"""
    services.start(campaign=_campaign(pk), actor=Actor.of(request.user), started_by=request.user)
    return _("The campaign is sending.")


@action(Role.REVIEWER, back="campaigns:detail")
def pause(request: Request, pk: int) -> str:
    """POST …/pause/"""
    services.pause(campaign=_campaign(pk), actor=Actor.of(request.user), reason=request.POST.get("reason", ""))
    return _("Paused. Planned messages wait; nothing is lost.")


@action(Role.OPERATOR, back="campaigns:detail")
def resume(request: Request, pk: int) -> str:
    """POST …/resume/"""
    services.resume(campaign=_campaign(pk), actor=Actor.of(request.user), started_by=request.user)
    return _("The campaign continues where it stopped.")


@action(Role.OPERATOR, back="campaigns:detail")
def complete(request: Request, pk: int) -> str:
    """POST …/complete/"""
    services.complete(campaign=_campaign(pk), actor=Actor.of(request.user), reason=_("Completed manually."))
    return _("Completed. Late replies still count.")


@action(Role.OPERATOR, back="campaigns:detail")
def archive(request: Request, pk: int) -> str:
    """POST …/archive/"""
    services.archive(campaign=_campaign(pk), actor=Actor.of(request.user))
    return _("Archived.")
