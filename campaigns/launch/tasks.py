"""Background work before and after a launch: checks of recipients, and campaigns that are finished."""

from __future__ import annotations

from django.conf import settings

from campaigns.launch import recipients, services, timing
from campaigns.models import Campaign
from outreach.core import words
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.models import Job


def check_recipients(job: Job) -> str:
    campaign = Campaign.objects.get(pk=job.arguments["campaign_id"])
    found = recipients.check_recipients(campaign=campaign, job=job, verifies=bool(job.arguments.get("verifies")))
    parts: list[str] = [
        _("%(total)s can be written to, %(excluded)s excluded, %(unknown)s unknown.")
        % {"total": found.total, "excluded": found.excluded, "unknown": found.unknown}
    ]
    if found.verified:
        asked = {"count": found.verified, "gone": found.not_there}
        parts.append(_("Mailboxes asked for: %(count)s; not there: %(gone)s.") % asked)
    return words.joined(" ", [*parts, *([found.note] if found.note else [])])


def check_after_freeze(campaign_id: int) -> str:
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None or not recipients.writes_mail(campaign):
        return _("Nothing to check")
    verifies = settings.OUTREACH.leadmagic.verifies_recipients
    count = recipients.check_recipients(campaign=campaign, verifies=verifies).excluded
    return _("%(count)s excluded") % {"count": count}


def complete_finished() -> str:
    """Complete campaigns in which nothing is left to do."""
    return _("%(count)s completed") % {"count": services.complete_finished()}


def reopen(job: Job) -> str:
    """Give the planned messages of a campaign new times."""
    options = dict(job.arguments)
    campaign = Campaign.objects.select_related("stream").get(pk=options.pop("campaign_id"))
    actor = Actor.of(job.started_by) if job.started_by else Actor.system("campaigns")
    return timing.in_words(timing.reopen_planned(campaign, actor=actor, **options))
