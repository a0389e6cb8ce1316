"""Background work before and after a launch: checks of recipients, and campaigns that are finished."""

from __future__ import annotations

from django.conf import settings

from campaigns.launch import recipients, services, timing
from campaigns.models import Campaign
from outreach.core.models import Actor
from outreach.jobs.models import Job


def check_recipients(job: Job) -> str:
    campaign = Campaign.objects.get(pk=job.arguments["campaign_id"])
    found = recipients.check_recipients(campaign=campaign, job=job, verifies=bool(job.arguments.get("verifies")))
    told = f"{found.total} can be written to, {found.excluded} excluded, {found.unknown} unknown"
    if found.verified:
        told += f", {found.verified} mailboxes asked for, {found.not_there} not there"
    return f"{told}. {found.note}" if found.note else told


def check_after_freeze(campaign_id: int) -> str:
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None or not recipients.writes_mail(campaign):
        return "nothing to check"
    verifies = settings.OUTREACH.leadmagic.verifies_recipients
    return f"{recipients.check_recipients(campaign=campaign, verifies=verifies).excluded} excluded"


def complete_finished() -> str:
    """Complete campaigns in which nothing is left to do."""
    return f"{services.complete_finished()} completed"


def reopen(job: Job) -> str:
    """Give the planned messages of a campaign new times."""
    options = dict(job.arguments)
    campaign = Campaign.objects.select_related("stream").get(pk=options.pop("campaign_id"))
    actor = Actor.of(job.started_by) if job.started_by else Actor.system("campaigns")
    return timing.in_words(timing.reopen_planned(campaign, actor=actor, **options))
