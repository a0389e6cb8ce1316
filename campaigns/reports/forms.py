"""A report's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.selectors import Asked
from outreach.core.states import Text


class ReportForm(forms.Form):
    """Grouping, campaign and period; days are the viewer's, both ends included."""

    by = forms.ChoiceField(label=_("By"), choices=[(k, v.label) for k, v in DIMENSIONS.items()], required=False)
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.none(), required=False, empty_label=_("All campaigns")
    )
    since = forms.DateField(label=_("Sent from"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["campaign"]
        field.queryset = Campaign.objects.all()
        for name in ("since", "until"):
            self.fields[name].widget.attrs["max"] = timezone.localdate().isoformat()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The period ends before it begins."))
        return cleaned

    def asked(self) -> Asked:
        """What the report is about; everything where the form is wrong."""
        data: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        zone = timezone.get_current_timezone()

        def at(day: Any, *, plus: int = 0) -> datetime | None:
            return datetime.combine(day + timedelta(days=plus), time.min, tzinfo=zone).astimezone(UTC) if day else None

        campaign = data.get("campaign")
        return Asked(
            since=at(data.get("since")),
            until=at(data.get("until"), plus=1),
            campaign_id=campaign.pk if campaign else None,
            zone=zone,
        )

    @property
    def dimension(self) -> str:
        """By what the rows are divided."""
        return (self.cleaned_data.get("by") if self.is_valid() else "") or "campaign"


@dataclass(frozen=True)
class Preset:
    """A period to choose by one click."""

    label: Text
    since: date
    until: date


def presets(today: date) -> list[Preset]:
    """The usual periods, the present day included."""
    last = [(7, _("Last 7 days")), (30, _("Last 30 days")), (90, _("Last 90 days"))]
    found = [Preset(label, today - timedelta(days=days - 1), today) for days, label in last]
    return [*found, Preset(_("This year"), today.replace(month=1, day=1), today)]
