"""Pages of campaigns: list, plan, and the page of one campaign with what to do next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns.launch import checks as preflight
from campaigns.launch import services
from campaigns.launch.forms import DAYS, CampaignForm, StepForm, initial_of, initial_steps
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign
from campaigns.overview import selectors
from leads.segments.models import Segment
from outreach.access.models import Role, User
from outreach.access.permissions import role_required
from outreach.core import clock
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.models import Actor
from outreach.jobs.models import Job

PAGE = 25
MAX_STEPS = 12
COMMON_ZONES = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Moscow", "Asia/Almaty", "Asia/Dubai", "Asia/Tokyo",
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Australia/Sydney",
)  # fmt: skip
"""Offered while typing; any name of the zone database may be given."""


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


@role_required(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Plan a new campaign."""
    return _edit(request, None)


@role_required(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a campaign's plan before it starts."""
    return _edit(request, _campaign(pk))


def _edit(request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    form = CampaignForm(request.POST or None, initial=initial_of(campaign) if campaign else _defaults(request))
    initials = initial_steps(campaign) if campaign else [{}, {}]
    count = _step_count(request, len(initials))
    steps = [
        StepForm(
            request.POST or None,
            prefix=f"step{n}",
            initial=initials[n] if n < len(initials) else {},
            use_required_attribute=False,
        )
        for n in range(count)
    ]
    if request.method == "POST" and "resize" not in request.POST:
        checked = [one.is_valid() for one in (form, *steps)]
        is_running = campaign is not None and campaign.state in services.RUNNING
        if is_running and form.is_valid() and not form.cleaned_data["applies_to"]:
            form.add_error("applies_to", _("The campaign runs: say whom the change is for."))
            checked.append(False)
        if all(checked):
            try:
                saved = _save(request, campaign, form, steps)
            except Invalid as error:
                form.add_error(error.field if error.field in form.fields else None, error.reason)
            except Refused as error:
                form.add_error(None, error.reason)
            else:
                is_new = saved.mode == Campaign.Mode.ONCE and not saved.audience_frozen_at
                text = _("The campaign is saved. Next: freeze its audience.") if is_new else _("The campaign is saved.")
                messages.success(request, text)
                return redirect("campaigns:detail", saved.pk)
    elif "resize" in request.POST:
        for one in (form, *steps):
            one.full_clean()
            one.errors.clear()
    return render(
        request,
        "campaigns/launch/edit.html",
        {
            "form": form,
            "steps": steps,
            "campaign": campaign,
            "step_count": count,
            "max_steps": MAX_STEPS,
            "is_running": campaign is not None and campaign.state in services.RUNNING,
            "zones": COMMON_ZONES,
        },
        status=400 if request.method == "POST" and "resize" not in request.POST else 200,
    )


def _defaults(request: HttpRequest) -> dict[str, Any]:
    mode = request.GET.get("mode", "")
    return {
        "segment": request.GET.get("segment"),
        "opens_at": "09:00",
        "closes_at": "17:00",
        "mode": mode if mode in Campaign.Mode.values else Campaign.Mode.ONCE,
        "time_zone": timezone.get_current_timezone_name(),
    }


def _step_count(request: HttpRequest, default: int) -> int:
    if request.method != "POST":
        return default
    text = request.POST.get("step_count", "")
    count = int(text) if text.isdecimal() else default
    count += {"add": 1, "drop": -1}.get(request.POST.get("resize", ""), 0)
    return max(1, min(count, MAX_STEPS))


def _save(request: HttpRequest, campaign: Campaign | None, form: CampaignForm, steps: list[StepForm]) -> Campaign:
    plans = [step.plan() for step in steps]
    if campaign is None:
        return services.create_campaign(**form.plan(), steps=plans, created_by=_user(request))
    return services.edit_campaign(
        campaign=campaign,
        actor=Actor.of(request.user),
        **form.plan(keep=campaign.segment_version),
        steps=plans,
        applies_to=form.cleaned_data["applies_to"],
    )


@require_GET
def audience_count(request: HttpRequest) -> HttpResponse:
    """How many leads the chosen segment holds now: a fragment beside the choice."""
    from leads.segments.selectors import count

    text = ""
    if (pk := request.GET.get("segment", "")).isdecimal():
        version = get_object_or_404(Segment, pk=pk).current
        if version is not None:
            number = count(version.criteria)
            text = ngettext("%(count)s lead now", "%(count)s leads now", number) % {
                "count": _("more than 10,000") if number > 10_000 else number
            }
    return render(request, "campaigns/launch/_audience_count.html", {"text": text})


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
        "problems": preflight.check(campaign) if campaign.state in ("drafting", "ready", "paused", "sending") else [],
        "upcoming": selectors.upcoming(campaign),
        "now": clock.now(),
        "stuck": selectors.stuck(campaign),
        "forecast": selectors.forecast(campaign),
        "can_edit": campaign.state in (*services.EDITABLE, *services.RUNNING)
        and _user(request).has_role(Role.OPERATOR),
        "can_operate": _user(request).has_role(Role.OPERATOR),
        "can_pause": campaign.state == "sending" and _user(request).has_role(Role.REVIEWER),
        "stage_labels": [(name, s.label) for name, s in CANDIDATE.states.items() if one.stages.get(name)],
        "window_days": ", ".join(
            str(label) for value, label in DAYS if int(value) in campaign.stream.window.get("days", ())
        ),
    }


def _freeze(request: HttpRequest, campaign: Campaign) -> str:
    audience = services.freeze_or_start(campaign=campaign, actor=Actor.of(request.user), started_by=_user(request))
    if isinstance(audience, Job):
        return _("The audience is being frozen; the page shows how far it is.")
    return ngettext(
        "%(count)s candidate added; kept out: %(suppressed)s not to be written to, %(unreachable)s without an address.",
        "%(count)s candidates added; kept out: %(suppressed)s not to be written to, %(unreachable)s without an address.",
        audience.added,
    ) % {"count": audience.added, "suppressed": audience.suppressed, "unreachable": audience.unreachable}


def _discover(request: HttpRequest, campaign: Campaign) -> str:
    from campaigns.daily.discovery import discover

    jobs = discover(campaign=campaign, actor=Actor.of(request.user), started_by=_user(request))
    return ngettext("%(count)s crawl has started.", "%(count)s crawls have started.", len(jobs)) % {"count": len(jobs)}


def _run_day(request: HttpRequest, campaign: Campaign) -> str:
    from campaigns.daily.services import start_run

    start_run(campaign=campaign, started_by=_user(request))
    return _("The day's best are being looked for.")


def _qualify(request: HttpRequest, campaign: Campaign) -> str:
    services.qualify_candidates(campaign=campaign, started_by=_user(request))
    return _("Qualification has started.")


def _generate(request: HttpRequest, campaign: Campaign) -> str:
    from campaigns.drafts import services as drafts

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
