"""The check of a campaign's recipients, by hand as a job or after the audience changed."""

from __future__ import annotations

from django.conf import settings

from campaigns.deliverability import services
from campaigns.models import Campaign
from outreach.jobs.models import Job


def check_recipients(job: Job) -> str:
    campaign = Campaign.objects.get(pk=job.arguments["campaign_id"])
    found = services.check_recipients(campaign=campaign, job=job, verifies=bool(job.arguments.get("verifies")))
    told = f"{found.total} can be written to, {found.excluded} excluded, {found.unknown} unknown"
    if found.verified:
        told += f", {found.verified} mailboxes asked for, {found.not_there} not there"
    return f"{told}. {found.note}" if found.note else told


def check_after_freeze(campaign_id: int) -> str:
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None or not services.writes_mail(campaign):
        return "nothing to check"
    verifies = settings.OUTREACH.leadmagic.verifies_recipients
    return f"{services.check_recipients(campaign=campaign, verifies=verifies).excluded} excluded"
