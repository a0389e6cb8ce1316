"""The page of a campaign's files and tracking."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.models import CAMPAIGN, Campaign
from campaigns.steps import files
from campaigns.steps.models import StepFile
from conversations.channels.sms import media
from conversations.files.services import MEGABYTE, limit_bytes, store_uploads
from leads.models import Channel
from outreach.access.pages import INVALID_FORM, Request, action, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import OutreachError
from outreach.core.models import Actor


@require_safe
@role_required(Role.VIEWER)
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """The steps that can enclose files, with theirs, and what is counted."""
    return _page(request, _campaign(pk))


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("stream"), pk=pk)


def _page(request: HttpRequest, campaign: Campaign, *, error: str = "", status: int = 200) -> HttpResponse:
    steps = campaign.steps.filter(channel__in=files.CARRIES_FILES).prefetch_related("files__file").order_by("number")
    context = {
        "campaign": campaign,
        "steps": steps,
        "limit_megabytes": {Channel.EMAIL: limit_bytes() // MEGABYTE, Channel.SMS: media.MAX_BYTES // MEGABYTE},
        "is_open": campaign.state not in CAMPAIGN.over,
        "error": error,
    }
    return render(request, "campaigns/steps/mail.html", context, status=status)


@require_POST
@role_required(Role.OPERATOR)
def add(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """POST …/steps/<number>/files/: enclose what was uploaded."""
    campaign = _campaign(pk)
    step = get_object_or_404(campaign.steps.select_related("campaign"), number=number)
    try:
        uploads = store_uploads(request.FILES.getlist("files"), uploaded_by=viewer(request))
        for upload in uploads:
            files.add_file(
                step=step,
                content_hash=upload.content_hash,
                name=upload.name,
                is_inline=request.POST.get("is_inline") == "on",
                actor=Actor.of(request.user),
            )
            step.__dict__.pop("_enclosures", None)
    except OutreachError as error:
        return _page(request, campaign, error=error.reason, status=INVALID_FORM)
    if uploads:
        messages.success(request, _("File added. Texts approved without it need approval again."))
    return redirect("steps:mail", pk=pk)


@action(Role.OPERATOR, back="steps:mail")
def remove(request: Request, pk: int, file_id: int) -> str:
    """POST …/files/<id>/removal/."""
    file = get_object_or_404(StepFile.objects.select_related("step__campaign"), pk=file_id, step__campaign=pk)
    files.remove_file(file=file, actor=Actor.of(request.user))
    return _("Removed.")


@action(Role.OPERATOR, back="steps:mail")
def tracking(request: Request, pk: int) -> str:
    """POST …/tracking/: what is counted."""
    files.set_tracking(
        campaign=_campaign(pk),
        tracks_opens=request.POST.get("tracks_opens") == "on",
        tracks_clicks=request.POST.get("tracks_clicks") == "on",
        actor=Actor.of(request.user),
    )
    return _("Saved.")
