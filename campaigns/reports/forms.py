"""A report's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Campaign
from campaigns.reports.cohorts import KINDS
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.lines import Asked, midnight
from outreach.core import clock
from outreach.core.states import Text


@dataclass(frozen=True)
class Preset:
    """A period to choose by one click, also tomorrow: the present day is always its last."""

    name: str
    label: Text
    since: date
    until: date


def presets(today: date) -> list[Preset]:
    """The usual periods, the present day included."""
    last = [(7, _("Last 7 days")), (30, _("Last 30 days")), (90, _("Last 90 days"))]
    found = [Preset(str(days), label, today - timedelta(days=days - 1), today) for days, label in last]
    return [*found, Preset("year", _("This year"), today.replace(month=1, day=1), today)]


FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2100, 12, 31)
"""Beyond, days have no number in the rollups, and calendars end."""


class DayField(forms.DateField):
    """A day that a report can be about."""

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not FIRST_DAY <= value <= LAST_DAY:
            raise forms.ValidationError(
                _("Enter a year from %(first)s to %(last)s.") % {"first": FIRST_DAY.year, "last": LAST_DAY.year}
            )


class PeriodForm(forms.Form):
    """Days of the viewer's, both ends included; or one of the presets, unless days are given."""

    since = DayField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = DayField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(self._with_days(data), *args, **kwargs)
        for name in ("since", "until"):
            self.fields[name].widget.attrs["max"] = timezone.localdate().isoformat()

    @staticmethod
    def _with_days(data: Any) -> Any:
        """A preset as the days that it means now; the page shows them."""
        found = {one.name: one for one in presets(timezone.localdate(clock.now()))}
        chosen = found.get(data.get("last", "")) if data else None
        if chosen is None or data.get("since") or data.get("until"):
            return data
        given = data.dict() if hasattr(data, "dict") else dict(data)
        return {**given, "since": chosen.since.isoformat(), "until": chosen.until.isoformat(), "last": ""}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The period ends before it begins."))
        return cleaned

    @property
    def since_day(self) -> date | None:
        """The first day that was chosen; None also where the form is wrong."""
        return self.cleaned_data.get("since") if self.is_valid() else None

    @property
    def until_day(self) -> date | None:
        return self.cleaned_data.get("until") if self.is_valid() else None


class CohortForm(forms.Form):
    """Which answer, and how people are grouped."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("noun", "Answer"),
        choices=[(kind.value, kind.label) for kind in KINDS],
        required=False,
        initial=KINDS[0],
    )
    unit = forms.ChoiceField(
        label=_("By"), choices=[("week", _("week")), ("month", _("month"))], required=False, initial="week"
    )
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.all(), required=False, empty_label=_("All campaigns")
    )


class ReportForm(PeriodForm):
    """Grouping, campaign and period."""

    by = forms.ChoiceField(label=_("By"), choices=[(k, v.label) for k, v in DIMENSIONS.items()], required=False)
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.none(), required=False, empty_label=_("All campaigns")
    )

    field_order = ("by", "campaign", "since", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["campaign"]
        field.queryset = Campaign.objects.only("name")

    def asked(self) -> Asked:
        """What the report is about; everything where the form is wrong."""
        zone, until = timezone.get_current_timezone(), self.until_day
        campaign = self.cleaned_data.get("campaign") if self.is_valid() else None
        return Asked(
            since=midnight(self.since_day, zone) if self.since_day else None,
            until=midnight(until + timedelta(days=1), zone) if until else None,
            campaign_id=campaign.pk if campaign else None,
            zone=zone,
        )

    @property
    def dimension(self) -> str:
        """By what the rows are divided."""
        return (self.cleaned_data.get("by") if self.is_valid() else "") or "campaign"
