"""What a report of calls is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.core import clock
from outreach.llm.costs.selectors import DIMENSIONS, NONE, Asked

USUAL_DAYS = 30


class CostForm(forms.Form):
    """Grouping, period and filters; days are the viewer's, both ends included. Without days, the last thirty."""

    by = forms.ChoiceField(label=_("By"), choices=list(DIMENSIONS.items()), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    campaign = forms.RegexField(regex=rf"^(\d{{1,18}}|{NONE})$", required=False, widget=forms.HiddenInput)
    pack = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    model = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput)
    purpose = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    only = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)

    def asked(self) -> Asked:
        """What is wrong in the form is left out."""
        self.is_valid()
        given: dict[str, Any] = self.cleaned_data
        zone = timezone.get_current_timezone()
        today = timezone.localdate(clock.now())
        since = given.get("since") or (None if given.get("campaign") else today - timedelta(days=USUAL_DAYS - 1))

        def at(day: date | None, plus: int = 0) -> datetime | None:
            if day is None or day >= date.max - timedelta(days=1):
                return None
            return datetime.combine(day + timedelta(days=plus), time.min, tzinfo=zone).astimezone(UTC)

        filters = {name: given.get(name) or "" for name in ("campaign", "pack", "model", "purpose", "only")}
        return Asked(zone=zone, since=at(since), until=at(given.get("until"), 1), **filters)

    @property
    def dimension(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("by") or "campaign")
