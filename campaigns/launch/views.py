"""Pages before a launch: the plan of a campaign, and everything that still stands in its way."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from campaigns.audience.busy import busy_among, kept_out
from campaigns.drafts import costs
from campaigns.launch import checks, planning, quick, recipients
from campaigns.launch.first_send import first_send
from campaigns.launch.forms import (
    MAX_STEPS,
    BaseStepFormSet,
    CampaignForm,
    StepFormSet,
    initial_of,
    initial_steps,
)
from campaigns.launch.quick_form import QuickForm
from campaigns.models import CAMPAIGN, Campaign
from conversations.dispatch.readiness import mail_lacks
from conversations.senders import domains
from conversations.senders.kinds import CONTINUE_AT
from conversations.senders.models import Sender
from conversations.senders.verification import services as verification
from leads.panels import NextStep
from leads.segments.models import Segment
from leads.segments.selectors import count, preview
from outreach.access.pages import INVALID_FORM, Request, action, problems_in, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.prompts.models import PackVersion

SAMPLE = 3
"""People of a list that are shown by name before a campaign is made."""


@role_required(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Plan a new campaign."""
    return _edit(request, None)


@role_required(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a campaign's plan."""
    campaign = get_object_or_404(Campaign.objects.select_related("segment_version__segment", "brief", "stream"), pk=pk)
    return _edit(request, campaign)


@role_required(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def quick_start(request: HttpRequest) -> HttpResponse:
    """GET, POST /campaigns/start/ `?import=<pk>` or `?segment=<pk>`: one page from a list to its drafts."""
    chosen = request.POST.get("audience") or _chosen_list(request)
    people = quick.people_named(chosen)
    if chosen and people is None and request.method == "GET":
        raise Http404
    form = QuickForm(request.POST or None, initial=_quick_defaults(chosen, people))
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        with problems_in(form):
            with transaction.atomic():  # no list is left behind by a campaign that is refused
                version = given.pop("audience").segment_version(created_by=viewer(request))
                campaign = quick.begin(quick.QuickPlan(**given, segment_version=version), created_by=viewer(request))
            if not campaign.audience_frozen_at:
                messages.success(
                    request,
                    _("Campaign created. Its people are being found in the background, then drafts are written."),
                )
                return redirect("campaigns:detail", campaign.pk)
            if campaign.brief_id:
                messages.success(request, _("Campaign created. Everyone is being qualified, then drafts are written."))
                return redirect("campaigns:detail", campaign.pk)
            messages.success(request, _("Campaign created. Review the drafts, then start sending."))
            return redirect("drafts:review", campaign.pk)
    senders: Any = form.fields["sender"]
    if senders.queryset.exists():
        request.session.pop(CONTINUE_AT, None)
    else:
        request.session[CONTINUE_AT] = request.get_full_path()
    context = {
        "form": form,
        "has_lists": form.is_bound or bool(form.fields["audience"].choices),  # type: ignore[attr-defined]
        "lacks": [lack for sender in senders.queryset[:20] for lack in mail_lacks(sender)],
        "segment": people.version.segment_id if people and people.version else None,
        **_summary(people, form),
    }
    return render(request, "campaigns/launch/quick.html", context, status=INVALID_FORM if form.errors else 200)


def _summary(people: quick.People | None, form: QuickForm) -> dict[str, Any]:
    """The audience beside its form, as far as what was typed can be read, and when the first message would leave."""
    if not form.is_bound:
        senders: Any = form.fields["sender"]
        sending: dict[str, Any] = {
            "sender": senders.queryset.first(),
            "hours": form.fields["hours"].initial,
            "skips_holidays": True,
        }
    else:
        form.is_valid()
        sending = form.cleaned_data
        if people is not None:
            people = people.narrowed(title=form.data.get("only_title", ""), country=form.data.get("only_country", ""))
    try:
        return _audience_of(people, sending)
    except Invalid as error:
        return {"fault": error.reason}


def _quick_defaults(chosen: str, people: quick.People | None) -> dict[str, Any]:
    latest = Campaign.objects.exclude(offer="").order_by("-pk").first()
    return {
        "audience": chosen,
        "name": people.title if people else "",
        "offer": latest.offer if latest else "",
        "booking_url": latest.booking_url if latest else "",
    }


def _chosen_list(request: HttpRequest) -> str:
    """The list that the address names, as the form names it."""
    for kind in (quick.IMPORT, quick.SEGMENT):
        if number := request.GET.get(kind, ""):
            return f"{kind}:{number}"
    return ""


def _audience_of(people: quick.People | None, sending: dict[str, Any]) -> dict[str, Any]:
    """How many people are in the list, who would hear from us twice, and when the first of them would hear from us."""
    if people is None:
        return {"people": None, "busy": None}
    sender, hours = sending.get("sender"), sending.get("hours")
    return {
        "people": (number := count(people.criteria)),
        "forecast": costs.forecast(quick.shipped_packs(), people=number),
        "busy": busy_among(people.criteria),
        "kept_out": kept_out(people.criteria, channel=sender.channel if sender else quick.usual_channel()),
        "sample": preview(people.criteria, SAMPLE),
        "recent_days": settings.OUTREACH.preflight.recent_contact_days,
        "first_send": first_send(
            people.criteria,
            sender=sender,
            window=quick.HOURS[hours],
            skips_holidays=bool(sending.get("skips_holidays")),
            start_at=sending.get("start_at"),
        )
        if sender and hours
        else None,
    }


@role_required(Role.OPERATOR)
@require_GET
def audience_summary(request: HttpRequest) -> HttpResponse:
    """GET /campaigns/start/audience/: the same as a fragment, when the list, the sender or the hours change."""
    people = quick.people_named(request.GET.get("audience") or f"{quick.SEGMENT}:{request.GET.get('segment', '')}")
    context = _summary(people, QuickForm(request.GET))
    context |= {"is_daily": "segment" in request.GET, "is_fragment": True}
    return render(request, "campaigns/launch/_audience.html", context)


def start_with(kind: str, number: int) -> NextStep:
    """The button on the page of an import or a segment."""
    return NextStep(_("Start a campaign with these people"), f"{reverse('campaigns:quick_start')}?{kind}={number}")


def _edit(request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = CampaignForm(data, initial=initial_of(campaign) if campaign else _defaults(request))
    steps = StepFormSet(data, initial=initial_steps(campaign) if campaign else [{}, {}])
    is_resized = data is not None and "resize" in data
    if is_resized:
        for one in (form, *steps):
            one.full_clean()
            one.errors.clear()
    elif data is not None and _is_valid(form, steps, campaign):
        with problems_in(form):
            saved = _save(request, campaign, form, steps)
            is_new = saved.mode == Campaign.Mode.ONCE and not saved.audience_frozen_at
            text = _("Campaign saved. Next: freeze its audience.") if is_new else _("Campaign saved.")
            messages.success(request, text)
            return redirect("campaigns:detail", saved.pk)
    context = {
        "form": form,
        "steps": steps,
        "campaign": campaign,
        "tab": "settings",
        "can_add": len(steps.forms) < MAX_STEPS,
        "can_drop": len(steps.forms) > 1,
        "is_running": campaign is not None and campaign.state in CAMPAIGN.running,
    }
    is_wrong = data is not None and not is_resized
    return render(request, "campaigns/launch/edit.html", context, status=INVALID_FORM if is_wrong else 200)


def _is_valid(form: CampaignForm, steps: BaseStepFormSet, campaign: Campaign | None) -> bool:
    is_valid = all([form.is_valid(), steps.is_valid()])
    is_running = campaign is not None and campaign.state in CAMPAIGN.running
    if is_running and "applies_to" in form.cleaned_data and not form.cleaned_data["applies_to"]:
        form.add_error("applies_to", _("The campaign is running. Choose who the change applies to."))
        return False
    return is_valid


def _defaults(request: HttpRequest) -> dict[str, Any]:
    mode = request.GET.get("mode", "")
    return {
        "segment": request.GET.get("segment"),
        "opens_at": "09:00",
        "closes_at": "17:00",
        "mode": mode if mode in Campaign.Mode.values else Campaign.Mode.ONCE,
        "time_zone": timezone.get_current_timezone_name(),
    }


def _save(request: HttpRequest, campaign: Campaign | None, form: CampaignForm, steps: BaseStepFormSet) -> Campaign:
    if campaign is None:
        return planning.create_campaign(form.plan(steps.plans()), created_by=viewer(request))
    return planning.edit_campaign(
        campaign,
        form.plan(steps.plans(), keep=campaign.segment_version),
        actor=Actor.of(request.user),
        applies_to=form.cleaned_data["applies_to"],
    )


@require_GET
def audience_count(request: HttpRequest) -> HttpResponse:
    """How many leads the chosen segment has now, and what their drafts would cost: a fragment next to the choice."""
    text, forecast = "", None
    if (pk := request.GET.get("segment", "")).isdecimal():
        version = get_object_or_404(Segment, pk=pk).current
        if version is not None:
            number = count(version.criteria)
            text = ngettext("%(count)s lead now", "%(count)s leads now", number) % {
                "count": _("more than 10,000") if number > 10_000 else number
            }
            chosen = [
                str(value)
                for name, value in request.GET.items()
                if name.endswith("pack_version") and str(value).isdecimal()
            ]
            forecast = costs.forecast(list(PackVersion.objects.filter(pk__in=chosen)), people=number)
    return render(request, "campaigns/launch/_audience_count.html", {"text": text, "forecast": forecast})


@require_safe
@role_required(Role.VIEWER)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: problems, the recipients by what is known of their addresses, the domains of the senders."""
    campaign = get_object_or_404(Campaign.objects.select_related("stream"), pk=pk)
    problems = checks.check(campaign)
    context: dict[str, Any] = {
        "campaign": campaign,
        "tab": "preflight",
        "problems": problems,
        "is_clear": not any(problem.is_blocking for problem in problems),
        "survey": recipients.last_survey(campaign),
        "verifier": recipients.verifier_label(campaign),
        "questions_left": verification.budget_left(),
        "writes_mail": recipients.writes_mail(campaign),
        "senders": _senders(campaign),
        "jobs": campaign.jobs().filter(kind="campaign.check_recipients")[:1],
    }
    return render(request, "campaigns/launch/checks.html", context)


def _senders(campaign: Campaign) -> list[dict[str, Any]]:
    rows = {step.sender.pk: step.sender for step in campaign.steps.select_related("sender") if step.sender}
    return [
        {"sender": sender, "domain": domains.domain_of(sender), "domain_checks": domains.checks_of(sender)}
        for sender in rows.values()
        if _is_looked_at(sender)
    ]


def _is_looked_at(sender: Sender) -> bool:
    return not sender.is_simulated and domains.has_domain(sender)


@action(Role.OPERATOR, back="campaigns:preflight")
def check_recipients(request: Request, pk: int) -> str:
    """POST: check the recipients' addresses as a job; with `verifies` their mailboxes too."""
    campaign = get_object_or_404(Campaign, pk=pk)
    recipients.start_check(campaign=campaign, started_by=request.user, verifies=bool(request.POST.get("verifies")))
    return _("The addresses are being checked.")
