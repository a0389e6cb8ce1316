"""The dashboard's period."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.dashboard.selectors import Period
from campaigns.reports.lines import Asked, midnight
from outreach.core import clock

DAYS = 30
"""How long the period is unless somebody chose another one."""


class PeriodForm(forms.Form):
    """Days of the viewer's, both ends included."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The period ends before it begins."))
        return cleaned

    def period(self) -> Period:
        """What was chosen; the last 30 days where nothing was, or where the form is wrong."""
        data: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        zone, now = timezone.get_current_timezone(), clock.now()
        until = data.get("until")
        since = data.get("since") or (until or timezone.localdate(now)) - timedelta(days=DAYS - 1)
        after = midnight(until + timedelta(days=1), zone) if until else None
        return Period(Asked(since=midnight(since, zone), until=after, zone=zone), now)
