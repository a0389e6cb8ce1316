"""Forms of network accounts. They parse; the services check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.sources.network.models import NetworkAccount
from outreach.core.forms import DAYS, Group, NumberField, ZoneField

NUMBERS = ("views_a_day", "searches_a_day", "invitations_a_day", "invitations_a_week", "gap_seconds", "note_limit")
_SECRET = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})


class AccountForm(forms.Form):
    """A login on one network, and how much a day it may do."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What your team calls it"))
    base_url = forms.CharField(
        label=_("Address of the site"),
        max_length=200,
        help_text=_("Starting with https://"),
    )
    username = forms.CharField(label=_("Sign-in name"), max_length=200)
    own_public_id = forms.CharField(
        label=_("Address of the account's own profile"),
        required=False,
        max_length=300,
        help_text=_("Leave empty to detect it"),
    )
    password = forms.CharField(label=_("Password"), required=False, max_length=500, widget=_SECRET)
    totp_secret = forms.CharField(
        label=_("Secret of the second factor"),
        required=False,
        max_length=200,
        widget=_SECRET,
        help_text=_("Empty: the account's page asks for each code"),
    )
    views_a_day = NumberField(label=_("Profiles opened"), unit=_("in 24 hours"))
    searches_a_day = NumberField(label=_("Pages of results"), unit=_("in 24 hours"))
    invitations_a_day = NumberField(label=_("Invitations a day"), unit=_("in 24 hours"))
    invitations_a_week = NumberField(label=_("Invitations a week"), unit=_("in 7 days"))
    gap_seconds = NumberField(
        label=_("Time between two actions"), unit=_("seconds"), help_text=_("Varied by up to a fifth")
    )
    note_limit = NumberField(label=_("Longest note"), unit=_("characters"))
    time_zone = ZoneField(label=_("Time zone"), initial="UTC")
    days = forms.MultipleChoiceField(
        label=_("Working days"),
        choices=DAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None selected: always"),
    )
    start = forms.CharField(label=_("From"), required=False, initial="09:00")
    end = forms.CharField(label=_("To"), required=False, initial="17:00")
    fills_gaps = forms.BooleanField(label=_("Read discovered profiles between other work"), required=False)
    accepts_terms = forms.BooleanField(
        label=_(
            "I have read the terms of this network. I know that automating an account may violate them and "
            "lead to its loss."
        ),
        required=False,
    )

    groups = (
        Group(("name", "base_url", "username", "password", "accepts_terms"), _("Login")),
        Group(("own_public_id", "totp_secret"), _("Second factor and profile"), is_advanced=True),
        Group((*NUMBERS, "fills_gaps"), _("Pace"), is_advanced=True),
        Group(("time_zone", "days", "start", "end"), _("Hours"), is_advanced=True),
    )
    needed = ("accepts_terms",)

    def __init__(self, *arguments: Any, account: NetworkAccount | None = None, **options: Any) -> None:
        shown = account or NetworkAccount()
        initial = {name: getattr(shown, name) for name in (*NUMBERS, "time_zone", "fills_gaps")}
        if account is not None:
            hours = account.working_hours or {}
            initial |= {name: getattr(account, name) for name in ("name", "base_url", "username", "own_public_id")}
            initial |= {"days": [str(day) for day in hours.get("days", [])]}
            initial |= {"start": hours.get("start", "09:00"), "end": hours.get("end", "17:00")}
        super().__init__(*arguments, **{**options, "initial": initial})
        self.fields["password"].required = account is None
        if account is not None:
            del self.fields["accepts_terms"]
            for name in ("password", "totp_secret"):
                self.fields[name].help_text = _("Leave empty to keep the current value. Never shown.")

    def values(self) -> dict[str, Any]:
        """Keyword arguments for the services."""
        data = dict(self.cleaned_data)
        days, start, end = data.pop("days"), data.pop("start"), data.pop("end")
        data["working_hours"] = {"days": [int(day) for day in days], "start": start, "end": end} if days else {}
        return data

    def show_error(self, field: str, reason: str) -> None:
        """Put a service's error beside its field."""
        self.add_error(field if field in self.fields else ("days" if field == "working_hours" else None), reason)


class SearchForm(forms.Form):
    """People to look for."""

    keywords = forms.CharField(label=_("Words"), max_length=200)
    pages = forms.IntegerField(label=_("Pages"), initial=2, min_value=1, max_value=20)
    profiles = forms.BooleanField(label=_("Read the profiles too"), required=False, initial=True)
