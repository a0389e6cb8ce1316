"""Pages of campaigns: the list, and the page of one campaign with what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from campaigns.audience import discovery
from campaigns.audience import services as audience
from campaigns.daily.services import start_run
from campaigns.drafts import services as drafts
from campaigns.launch import checks, services, spend, timing
from campaigns.models import CAMPAIGN, Campaign
from campaigns.overview import facts, selectors
from campaigns.overview.situation import situation
from campaigns.overview.terms import Action, Situation, unreviewed
from campaigns.predictions import selectors as predictions
from outreach.access.pages import Request, action, viewer
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.models import Actor
from outreach.jobs.models import JOB, Job
from outreach.limits.calendars import parse_window

PAGE = 25
UPCOMING = 8


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(
        Campaign.objects.select_related("segment_version__segment", "brief", "playbook", "stream", "created_by"), pk=pk
    )


@dataclass(frozen=True)
class Pressed:
    """An action as a page shows it: a link to `url`, or a form that posts to it."""

    label: str
    url: str
    is_post: bool
    confirm: str = ""


def shown(found: Action, campaign: Campaign) -> Pressed:
    """The action with its address."""
    name = found.post or found.page
    arguments = [] if found.number < 0 else [found.number or campaign.pk]
    url = reverse(name, args=arguments) + found.query.format(campaign=campaign.pk)
    return Pressed(found.label, url, bool(found.post), found.confirm)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All campaigns with state, numbers and what to do next."""
    state = request.GET.get("state", "")
    search = request.GET.get("search", "")
    after = int(request.GET["after"]) if request.GET.get("after", "").isdecimal() else 0
    known = state if state in CAMPAIGN.states else ""
    rows = list(selectors.campaign_rows(state=known, search=search, after=after, limit=PAGE + 1))
    page, more = rows[:PAGE], len(rows) > PAGE
    standing = selectors.standing(page)
    known_facts = facts.facts_of(page, standing)
    now = clock.now()
    lines = []
    for campaign in page:
        found = situation(known_facts[campaign.pk], now=now)
        one = standing[campaign.pk]
        lines.append(
            {
                "campaign": campaign,
                "numbers": selectors.funnel(campaign, one),
                "situation": found,
                "action": shown(found.action, campaign),
            }
        )
    context = {
        "rows": lines,
        "states": [(name, s.label) for name, s in CAMPAIGN.states.items()],
        "state": state,
        "search": search,
        "next_after": page[-1].pk if more else None,
    }
    is_fragment = getattr(request, "htmx", False) and not getattr(request.htmx, "boosted", False)  # type: ignore[attr-defined]
    return render(request, f"campaigns/overview/{'_rows' if is_fragment else 'list'}.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign: what is happening, its numbers, what leaves next, replies, problems and the plan."""
    campaign = _campaign(pk)
    foreseen = {"expected": predictions.expected(campaign), "time": predictions.best_time(campaign)}
    context = {**_page(request, campaign), "costs": spend.costs_of(campaign), **foreseen}
    return render(request, "campaigns/overview/detail.html", context)


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The live part of the page; it polls while something is in progress."""
    return render(request, "campaigns/overview/_progress.html", _page(request, _campaign(pk)))


def _page(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    jobs = selectors.jobs_of(campaign)
    running = [job for job in jobs if job.state not in JOB.over]
    upcoming = selectors.upcoming(campaign, limit=UPCOMING)
    one = selectors.standing([campaign])[campaign.pk]
    steps = selectors.steps_of(campaign)
    problems = checks.check(campaign, steps) if campaign.state in CAMPAIGN.live else []
    known = facts.all_facts(campaign, one, problems=problems, jobs=jobs)
    found = situation(known, now=clock.now())
    numbers = selectors.funnel(campaign, one)
    return {
        "campaign": campaign,
        "tab": "overview",
        "standing": one,
        "situation": found,
        "action": shown(found.action, campaign),
        "other_actions": [shown(other, campaign) for other in found.others],
        "numbers": numbers,
        "aside": selectors.beside_the_funnel(campaign, one),
        "outcomes": [
            bar for bar in selectors.outcome_counts(campaign, one) if bar.name not in {n.name for n in numbers}
        ],
        "jobs": jobs,
        "is_moving": bool(running) or (campaign.is_sending and one.planned > 0),
        "problems": [problem for problem in problems if not _is_told(problem, found, campaign)],
        "upcoming": upcoming,
        "coming_count": len(upcoming) if len(upcoming) < UPCOMING else max(one.planned, UPCOMING),
        "replies": selectors.latest_replies(campaign),
        "now": clock.now(),
        "stuck": selectors.stuck(campaign),
        "forecast": selectors.forecast(steps),
        "buttons": selectors.buttons(campaign),
        "can_pause": "paused" in dict(CAMPAIGN.next_by_hand(campaign.state, viewer(request).role)),
        "window": str(parse_window(campaign.stream.window)),
    }


def _is_told(problem: checks.Problem, found: Situation, campaign: Campaign) -> bool:
    """Whether the page says it already: the situation does, or before a start the step of the review."""
    steps = ("audience", "drafts", "unread") if campaign.state in CAMPAIGN.editable else ()
    return problem.place in steps or problem.text in found.text


@action(Role.OPERATOR, back="campaigns:detail")
def freeze(request: Request, pk: int) -> str:
    """POST …/freeze/"""
    found = audience.freeze_or_start(campaign=_campaign(pk), actor=Actor.of(request.user), started_by=request.user)
    return _matched(found)


@action(Role.OPERATOR, back="campaigns:detail")
def keep_busy(request: Request, pk: int) -> str:
    """POST …/keep-busy/: take people who are in another running campaign too."""
    found = audience.keep_busy(campaign=_campaign(pk), actor=Actor.of(request.user), started_by=request.user)
    return _("They are taken from the next run on.") if found is None else _matched(found)


def _matched(found: audience.Audience | Job) -> str:
    if isinstance(found, Job):
        return _("The people are being found. The page shows the progress.")
    added = ngettext("%(count)s person added.", "%(count)s people added.", found.added) % {"count": found.added}
    parts = (
        (found.suppressed, _("%(count)s opted out or must not be contacted")),
        (found.unreachable, _("%(count)s without an address")),
        (found.elsewhere, _("%(count)s in another campaign or contacted recently")),
    )
    out = ", ".join(text % {"count": count} for count, text in parts if count)
    return " ".join(filter(None, (added, _("Left out: %(people)s.") % {"people": out} if out else "")))


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
def send_now(request: Request, pk: int) -> str:
    """POST …/send-now/: planned first messages leave now, whatever the campaign's hours are."""
    return timing.in_words(
        timing.send_now(campaign=_campaign(pk), actor=Actor.of(request.user), started_by=request.user)
    )


@action(Role.OPERATOR, back="campaigns:detail")
def widen_hours(request: Request, pk: int) -> str:
    """POST …/widen-hours/"""
    campaign = _campaign(pk)
    moved = timing.widen_hours(campaign=campaign, actor=Actor.of(request.user), started_by=request.user)
    told = _("It now sends %(hours)s.") % {"hours": parse_window(campaign.stream.window)}
    return f"{told} {timing.in_words(moved)}" if isinstance(moved, Job) or moved.total else told


@action(Role.OPERATOR, back="campaigns:detail")
def generate(request: Request, pk: int) -> str:
    """POST …/generate/"""
    drafts.generate(campaign=_campaign(pk), started_by=request.user)
    return _("Writing drafts.")


@action(Role.OPERATOR, back="campaigns:detail")
def start(request: Request, pk: int) -> str:
    """POST …/start/"""
    services.start(campaign=_campaign(pk), actor=Actor.of(request.user), started_by=request.user)
    left = unreviewed(facts.unread_people(pk))
    return f"{_('The campaign is sending.')} {left}".strip()


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
