"""The dashboard's period."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from campaigns.dashboard.rows import Period
from campaigns.reports.forms import PeriodForm
from campaigns.reports.lines import Asked, midnight
from outreach.core import clock

DAYS = 30
"""How long the period is unless somebody chose another one."""


class DashboardForm(PeriodForm):
    """A period that always has a beginning."""

    def period(self) -> Period:
        """What was chosen; the last 30 days where nothing was, or where the form is wrong."""
        zone, now, until = timezone.get_current_timezone(), clock.now(), self.until_day
        since = self.since_day or (until or timezone.localdate(now)) - timedelta(days=DAYS - 1)
        after = midnight(until + timedelta(days=1), zone) if until else None
        return Period(Asked(since=midnight(since, zone), until=after, zone=zone), now)
