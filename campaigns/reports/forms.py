"""A report's parameters."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.reports.selectors import DIMENSIONS


class ReportForm(forms.Form):
    """Grouping, campaign and period; days are the viewer's, both ends included."""

    by = forms.ChoiceField(label=_("By"), choices=[(k, v[0]) for k, v in DIMENSIONS.items()], required=False)
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.none(), required=False, empty_label=_("All campaigns")
    )
    since = forms.DateField(label=_("Sent from"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("to"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["campaign"]
        field.queryset = Campaign.objects.all()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The period ends before it begins."))
        return cleaned

    def query(self) -> dict[str, Any]:
        """Arguments of `campaigns.reports.selectors` but for `by`."""
        data = self.cleaned_data
        zone = timezone.get_current_timezone()

        def at(day: Any, *, plus: int = 0) -> datetime | None:
            return datetime.combine(day + timedelta(days=plus), time.min, tzinfo=zone).astimezone(UTC) if day else None

        campaign = data.get("campaign")
        return {
            "since": at(data.get("since")),
            "until": at(data.get("until"), plus=1),
            "campaign_id": campaign.pk if campaign else None,
        }
