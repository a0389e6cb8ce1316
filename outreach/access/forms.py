"""Forms of access. The services decide what is valid; a form only collects the fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from outreach.access.models import Theme, User
from outreach.access.roles import Role
from outreach.access.sign_in import sign_in
from outreach.core.errors import OutreachError
from outreach.core.forms import Group, ZoneField


class BrowserZoneField(forms.CharField):
    """The browser's time zone, filled in by the page's script; empty without one and for a zone that we do not know."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput(attrs={"data-browser-zone": ""}))

    def clean(self, value: Any) -> str:
        try:
            return str(ZoneField(required=False).clean(value))
        except forms.ValidationError:
            return ""


class SignInForm(AuthenticationForm):
    """Name and password; a locked or wrong pair is one sentence above the form."""

    error_css_class = ""
    time_zone = BrowserZoneField()

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            assert self.request is not None
            try:
                self.user_cache = sign_in(request=self.request, username=name, password=password)
            except OutreachError as error:
                raise forms.ValidationError(error.reason, code=error.code) from error
        return self.cleaned_data


class CodeForm(forms.Form):
    """The second step of signing in."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class NewPasswordField(forms.CharField):
    """A password that the browser may generate."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        options.setdefault("help_text", _("At least 10 characters."))
        super().__init__(widget=widget, strip=False, **options)


class CurrentPasswordField(forms.CharField):
    def __init__(self) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        super().__init__(label=_("Current password"), strip=False, widget=widget)


class SetupForm(forms.Form):
    username = forms.CharField(
        label=_("Login name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = NewPasswordField(label=_("Password"))
    time_zone = BrowserZoneField()


class AcceptForm(SetupForm):
    """What an invited person says about themselves."""

    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    field_order = ("first_name", "last_name", "username", "password")


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True})
    )


class NewPasswordForm(forms.Form):
    password = NewPasswordField(label=_("New password"))


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.REVIEWER)


class PreferencesForm(forms.Form):
    """How pages look and speak to one user."""

    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("For a forgotten password. Leads never see it.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("ru", "Русский")])
    time_zone = ZoneField(
        label=_("Time zone"),
        required=False,
        empty_label=_("From the browser, at the next sign-in"),
        help_text=_("Pages show times in this zone."),
    )
    theme = forms.TypedChoiceField(label=_("Appearance"), choices=Theme.choices, required=False, empty_value="")

    groups = (Group(("first_name", "last_name", "email", "language", "time_zone", "theme")),)

    @classmethod
    def of(cls, user: User) -> PreferencesForm:
        return cls(initial={name: getattr(user, name) for name in cls.base_fields})


class PasswordForm(forms.Form):
    current = CurrentPasswordField()
    password = NewPasswordField(
        label=_("New password"), help_text=_("At least 10 characters. Other devices are signed out.")
    )


class ConfirmForm(forms.Form):
    """A change that needs the password once more."""

    current = CurrentPasswordField()


SCOPES = [
    (Role.VIEWER, _("Read only")),
    (Role.REVIEWER, _("Read, review and answer")),
    (Role.OPERATOR, _("All but administration")),
]
"""What a key can be held to, whatever its user may do."""


class ApiKeyForm(forms.Form):
    name = forms.CharField(label=_("What is the key for?"), max_length=100)
    scope = forms.ChoiceField(
        label=_("It may do"), choices=[("", _("All that I may do")), *SCOPES], required=False, initial=""
    )
    days = forms.TypedChoiceField(
        label=_("It works for"),
        choices=[("", _("Until I revoke it")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("A year"))],
        coerce=int,
        empty_value=None,
        required=False,
    )
