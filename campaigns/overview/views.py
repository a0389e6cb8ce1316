"""Pages of campaigns: list, plan, and the page of one campaign with what to do next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from campaigns.audience import services as audience
from campaigns.audience.discovery import discover
from campaigns.daily.services import start_run
from campaigns.drafts import services as drafts
from campaigns.launch import checks, services
from campaigns.launch.forms import DAYS
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign
from campaigns.overview import selectors
from outreach.access.models import Role, User
from outreach.core import clock
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.jobs.models import Job

PAGE = 25


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


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
                {"campaign": c, "standing": standing[c.pk], "funnel": selectors.funnel(c, standing[c.pk])} for c in page
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
    """The living part of the page; it asks for itself again while something moves."""
    return render(request, "campaigns/overview/_progress.html", _page(request, _campaign(pk)))


def _page(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    one = selectors.standing([campaign])[campaign.pk]
    jobs = selectors.jobs_of(campaign)
    running = [job for job in jobs if job.state in ("queued", "running")]
    return {
        "campaign": campaign,
        "standing": one,
        "funnel": selectors.funnel(campaign, one),
        "outcomes": selectors.outcome_counts(campaign),
        "action": selectors.next_action(campaign, one, running=bool(running)),
        "jobs": jobs,
        "is_moving": bool(running) or (campaign.state == "sending" and one.planned > 0),
        "problems": checks.check(campaign) if campaign.state in CAMPAIGN.live else [],
        "upcoming": selectors.upcoming(campaign),
        "now": clock.now(),
        "stuck": selectors.stuck(campaign),
        "forecast": selectors.forecast(campaign),
        "can_edit": campaign.state in CAMPAIGN.live and _user(request).has_role(Role.OPERATOR),
        "can_operate": _user(request).has_role(Role.OPERATOR),
        "can_pause": "paused" in dict(CAMPAIGN.next_by_hand(campaign.state, _user(request).role)),
        "stage_labels": [(name, s.label) for name, s in CANDIDATE.states.items() if one.stages.get(name)],
        "window_days": ", ".join(
            str(label) for value, label in DAYS if int(value) in campaign.stream.window.get("days", ())
        ),
    }


def _freeze(request: HttpRequest, campaign: Campaign) -> str:
    found = audience.freeze_or_start(campaign=campaign, actor=Actor.of(request.user), started_by=_user(request))
    if isinstance(found, Job):
        return _("The audience is being frozen; the page shows how far it is.")
    return ngettext(
        "%(count)s candidate added; kept out: %(suppressed)s not to be written to, %(unreachable)s without an address.",
        "%(count)s candidates added; kept out: %(suppressed)s not to be written to, %(unreachable)s without an address.",
        found.added,
    ) % {"count": found.added, "suppressed": found.suppressed, "unreachable": found.unreachable}


def _discover(request: HttpRequest, campaign: Campaign) -> str:
    jobs = discover(campaign=campaign, actor=Actor.of(request.user), started_by=_user(request))
    return ngettext("%(count)s crawl has started.", "%(count)s crawls have started.", len(jobs)) % {"count": len(jobs)}


def _run_day(request: HttpRequest, campaign: Campaign) -> str:
    start_run(campaign=campaign, started_by=_user(request))
    return _("The day's best are being looked for.")


def _qualify(request: HttpRequest, campaign: Campaign) -> str:
    audience.qualify_candidates(campaign=campaign, started_by=_user(request))
    return _("Qualification has started.")


def _generate(request: HttpRequest, campaign: Campaign) -> str:
    drafts.generate(campaign=campaign, started_by=_user(request))
    return _("The drafts are being written.")


def _start(request: HttpRequest, campaign: Campaign) -> str:
    services.start(campaign=campaign, actor=Actor.of(request.user), started_by=_user(request))
    return _("The campaign is sending.")


def _pause(request: HttpRequest, campaign: Campaign) -> str:
    services.pause(campaign=campaign, actor=Actor.of(request.user), reason=request.POST.get("reason", ""))
    return _("Paused. Planned messages wait; nothing is lost.")


def _resume(request: HttpRequest, campaign: Campaign) -> str:
    services.resume(campaign=campaign, actor=Actor.of(request.user), started_by=_user(request))
    return _("The campaign goes on where it stopped.")


def _complete(request: HttpRequest, campaign: Campaign) -> str:
    services.complete(campaign=campaign, actor=Actor.of(request.user), reason=_("Completed by hand."))
    return _("Completed. Late replies still count.")


def _archive(request: HttpRequest, campaign: Campaign) -> str:
    services.archive(campaign=campaign, actor=Actor.of(request.user))
    return _("Archived.")


ACTIONS: dict[str, tuple[str, Callable[[HttpRequest, Campaign], str]]] = {
    "discover": (Role.OPERATOR, _discover),
    "freeze": (Role.OPERATOR, _freeze),
    "qualify": (Role.OPERATOR, _qualify),
    "run-day": (Role.OPERATOR, _run_day),
    "generate": (Role.OPERATOR, _generate),
    "start": (Role.OPERATOR, _start),
    "pause": (Role.REVIEWER, _pause),
    "resume": (Role.OPERATOR, _resume),
    "complete": (Role.OPERATOR, _complete),
    "archive": (Role.OPERATOR, _archive),
}
"""What the buttons of a campaign's page do, and who may press them."""


@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One button of the page: does it, says what came of it, and shows the campaign again."""
    campaign = _campaign(pk)
    role, perform = ACTIONS[action]
    if not _user(request).has_role(role):
        raise PermissionDenied
    try:
        messages.success(request, perform(request, campaign))
    except OutreachError as error:
        messages.error(request, str(error.reason))
    return redirect("campaigns:detail", pk)
