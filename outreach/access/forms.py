"""Forms of access. The services decide what is valid; a form only collects the fields."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from outreach.access.models import Theme, User
from outreach.access.roles import Role
from outreach.access.sign_in import sign_in
from outreach.core.errors import OutreachError


class SignInForm(AuthenticationForm):
    """Name and password; a locked or wrong pair is one sentence above the form."""

    error_css_class = ""

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            assert self.request is not None
            try:
                self.user_cache = sign_in(request=self.request, username=name, password=password)
            except OutreachError as error:
                raise forms.ValidationError(error.reason, code=error.code) from error
        return self.cleaned_data


class NewPasswordField(forms.CharField):
    """A password that the browser may generate."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(widget=widget, strip=False, **options)


class SetupForm(forms.Form):
    username = forms.CharField(
        label=_("Login name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = NewPasswordField(label=_("Password"), help_text=_("At least 10 characters."))


class UserForm(SetupForm):
    username = forms.CharField(
        label=_("Login name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.REVIEWER)


class PreferencesForm(forms.Form):
    """How pages look and speak to one user."""

    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("ru", "Русский")])
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Pages show times in this zone."))
    theme = forms.TypedChoiceField(label=_("Appearance"), choices=Theme.choices, required=False, empty_value="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zoneinfo.available_timezones() - {"localtime"})
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, user: User) -> PreferencesForm:
        return cls(initial={name: getattr(user, name) for name in cls.base_fields})


class PasswordForm(forms.Form):
    current = forms.CharField(
        label=_("Current password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    password = NewPasswordField(
        label=_("New password"), help_text=_("At least 10 characters. Other devices are signed out.")
    )


class ApiKeyForm(forms.Form):
    name = forms.CharField(label=_("What is the key for?"), max_length=100)
