"""How much of the time the product itself has worked."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Min

from campaigns.dashboard.figures import Figure, share
from outreach.core.words import gettext as _
from outreach.jobs.models import PeriodicRun

MINUTELY = "campaigns.complete"
"""A schedule that runs every minute and whose runs are kept for a week."""
WEEK = timedelta(days=7)


def uptime(now: datetime) -> Figure:
    """The share of minutes of the last seven days in which the background work ran."""
    runs = PeriodicRun.objects.filter(name=MINUTELY, planned_at__gte=now - WEEK).aggregate(
        n=Count("pk"), at=Min("planned_at")
    )
    minutes = int((now - runs["at"]).total_seconds() // 60) if runs["at"] else 0
    definition = _("Share of the minutes of the last seven days in which background work ran, since it ran first.")
    return share("uptime", _("Uptime"), definition, runs["n"], minutes, least=10)
