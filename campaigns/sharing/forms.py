"""Saving, sharing and scheduling a report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from campaigns.sharing.models import Frequency
from campaigns.sharing.services import Plan

DAYS = [(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("a year"))]


class SaveForm(forms.Form):
    """A name for the report that is shown."""

    name = forms.CharField(label=_("Name"), max_length=100)
    query = forms.CharField(required=False, max_length=1_000, widget=forms.HiddenInput)
    is_for_everyone = forms.BooleanField(label=_("Everyone in the team sees it"), required=False)


class LinkForm(forms.Form):
    """How long a link lasts."""

    days = forms.TypedChoiceField(label=_("Link lasts"), choices=DAYS, coerce=int, initial=30)


class ScheduleForm(forms.Form):
    """When and where to."""

    frequency = forms.ChoiceField(label=_("How often"), choices=Frequency.choices, initial=Frequency.WEEKLY)
    hour = forms.TypedChoiceField(
        label=_("At"), choices=[(hour, f"{hour:02d}:00") for hour in range(24)], coerce=int, initial=8
    )
    recipients = forms.CharField(
        label=_("E-mail addresses"), required=False, max_length=2_000, help_text=_("Separated by commas.")
    )
    slack_url = forms.CharField(
        label=_("Slack webhook"),
        required=False,
        max_length=500,
        help_text=_("https://hooks.slack.com/…, for one channel."),
    )

    def clean_recipients(self) -> list[str]:
        found = [part.strip() for part in self.cleaned_data["recipients"].replace(";", ",").split(",") if part.strip()]
        for address in found:
            validate_email(address)
        return found

    def plan(self) -> Plan:
        """The typed plan of a valid form."""
        data: dict[str, Any] = self.cleaned_data
        return Plan(data["frequency"], data["hour"], data["recipients"], data["slack_url"].strip())
