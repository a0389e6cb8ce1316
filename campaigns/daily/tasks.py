"""Background work of daily campaigns."""

from __future__ import annotations

from campaigns.daily import services
from campaigns.models import Campaign
from outreach.core.errors import OutreachError
from outreach.core.words import gettext as _
from outreach.jobs.models import JOB, Job


def run_due() -> str:
    """Start the hour of every daily campaign whose time has come, each as its own job."""
    started = 0
    for campaign_id in services.due_campaigns():
        campaign = Campaign.objects.select_related("brief").get(pk=campaign_id)
        if campaign.jobs().filter(kind="campaign.day").exclude(state__in=JOB.over).exists():
            continue
        try:
            services.start_run(campaign=campaign)
        except OutreachError:  # paused or completed meanwhile
            continue
        started += 1
    return _("%(count)s started") % {"count": started}


def run(job: Job) -> str:
    """One hour of one daily campaign. Repeatable: it does what is missing."""
    campaign = Campaign.objects.select_related("brief", "stream").get(pk=job.arguments["campaign_id"])
    counts = services.run(campaign)
    return _("%(judged)s qualified, %(drafted)s drafted, %(planned)s planned, %(sources)s sources searched.") % {
        name: counts.get(name, 0) for name in ("judged", "drafted", "planned", "sources")
    }
