"""What audiences do when leads and briefs change.

Live sets do nothing at once about a lead: the feed holds the change, and this wakes its reader. A changed brief judges
the audiences that were judged by it.
"""

from __future__ import annotations

from campaigns.audience import live
from campaigns.audience.models import LiveSet
from campaigns.audience.services import qualify_candidates, unjudged
from campaigns.models import Campaign
from outreach.events.models import Event
from outreach.jobs.models import JOB


def on_brief_changed(event: Event) -> None:
    """Judge again everyone judged by the earlier wording of the brief. Daily campaigns judge on their day."""
    rows = Campaign.objects.live().filter(
        brief=event.payload["brief_id"], mode=Campaign.Mode.ONCE, audience_frozen_at__isnull=False
    )
    for campaign in rows.select_related("brief"):
        is_running = campaign.jobs().filter(kind="campaign.qualify").exclude(state__in=JOB.over).exists()
        if not is_running and unjudged(campaign).exists():
            qualify_candidates(campaign=campaign)


def on_lead_changed(event: Event) -> None:
    """Process the feed soon instead of at the next tick, if any campaign is live."""
    if LiveSet.objects.exists():
        live.wake()
