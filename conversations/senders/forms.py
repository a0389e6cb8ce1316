"""The sender form: what a person must say, and everything else folded away with safe values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.channels.email import oauth
from conversations.channels.fields import AdapterInfo, Field
from conversations.senders import discovery
from conversations.senders.deliverability.mail_providers import PROVIDERS
from conversations.senders.models import Sender
from conversations.senders.services import SenderConfig
from leads.models import Channel
from outreach.core.forms import DAYS, Group, NumberField, ZoneField

FIXED = (
    "name", "channel", "address", "display_name", "signature", "hourly_cap", "daily_cap", "weekly_cap", "gap_seconds",
    "time_zone",
)  # fmt: skip
PACE = ("gap_jitter_percent", "warmup_start", "warmup_step", "warmup_ceiling", "has_workday")
LIMITS = (
    "hourly_cap", "daily_cap", "weekly_cap", "gap_seconds", "gap_jitter_percent", "warmup_start", "warmup_step",
    "warmup_ceiling",
)  # fmt: skip
HOURS = ("time_zone", "days", "start", "end", "has_workday")
SAFE_MAILBOX: dict[str, Any] = {
    "hourly_cap": 10, "daily_cap": 40, "weekly_cap": 200, "gap_seconds": 90, "warmup_start": 5, "warmup_step": 3,
    "days": ["0", "1", "2", "3", "4"], "start": "08:00", "end": "18:00", "has_workday": True,
}  # fmt: skip
"""What a new mailbox starts with: slow, in working hours, growing day by day."""
KNOWN_OF_PROVIDERS = (
    "setting_host", "setting_port", "setting_security", "setting_username", "setting_sign_in", "setting_oauth_provider",
    "setting_authorize_url", "setting_token_url", "setting_oauth_scope", "setting_imap_host", "setting_imap_port",
    "setting_imap_security", "setting_imap_username", "credential_password", "credential_imap_password",
    "credential_refresh_token",
)  # fmt: skip
"""What nobody has to enter for Google and Microsoft."""
_TIME = forms.TimeInput(attrs={"type": "time"})


class SenderForm(forms.Form):
    """Syntax only; what is right is decided by the services, whose errors are shown at their fields.

    `provider` is `google` or `microsoft` for a mailbox that is connected by consent: it asks for no server and no
    password.
    """

    name = forms.CharField(label=_("Name"), required=False, help_text=_("What your team calls it. Empty: the address."))
    channel = forms.ChoiceField(label=_("Channel"))
    address = forms.CharField(label=_("Address or number"), required=False)
    display_name = forms.CharField(label=_("Name that recipients see"), required=False)
    signature = forms.CharField(label=_("Signature"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    hourly_cap = NumberField(label=_("Messages an hour"), initial=20, unit=_("at most"))
    daily_cap = NumberField(label=_("Messages in 24 hours"), initial=50, unit=_("at most"))
    weekly_cap = NumberField(label=_("Messages in 7 days"), initial=250, unit=_("at most"))
    gap_seconds = NumberField(label=_("Pause between messages"), initial=60, unit=_("seconds"))
    gap_jitter_percent = NumberField(
        label=_("Longer at random by up to"),
        initial=50,
        required=False,
        unit="%",
        help_text=_("No two pauses are alike, and none is shorter than the one above."),
    )
    warmup_start = NumberField(
        label=_("Warm-up: messages on the first day"), required=False, help_text=_("Empty: no warm-up")
    )
    warmup_step = NumberField(
        label=_("Warm-up: more after each used day"),
        initial=2,
        required=False,
        help_text=_("A day counts if at least half of its allowance was sent."),
    )
    warmup_ceiling = NumberField(
        label=_("Warm-up: messages on a warm day"), required=False, help_text=_("Empty: the 24-hour cap")
    )
    group_google = NumberField(label=_("To Google"), required=False, unit=_("an hour"), help_text=_("Empty: no limit"))
    group_microsoft = NumberField(label=_("To Microsoft"), required=False, unit=_("an hour"))
    group_yahoo = NumberField(label=_("To Yahoo"), required=False, unit=_("an hour"))
    group_other = NumberField(label=_("To all other providers"), required=False, unit=_("an hour"))
    tags = forms.CharField(
        label=_("Tags"), required=False, help_text=_("Separated by commas. Senders with the same tag form a pool.")
    )
    time_zone = ZoneField(label=_("Time zone"), initial="UTC")
    days = forms.MultipleChoiceField(
        label=_("Working days"),
        choices=DAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: always"),
    )
    start = forms.CharField(label=_("From"), required=False, initial="09:00", widget=_TIME)
    end = forms.CharField(label=_("To"), required=False, initial="17:00", widget=_TIME)
    has_workday = forms.BooleanField(
        label=_("Human-like schedule"),
        required=False,
        help_text=_("Start, lunch, end and pauses differ from day to day, within the working hours."),
    )

    def __init__(
        self, *arguments: Any, info: AdapterInfo, sender: Sender | None = None, provider: str = "", **options: Any
    ) -> None:
        self.info, self.provider, self.is_new = info, provider, sender is None
        self.is_mailbox = info.name == "smtp"
        if sender is not None:
            options["initial"] = _initial(sender)
        else:
            safe = SAFE_MAILBOX if self.is_mailbox else {}
            options["initial"] = {
                **safe,
                "time_zone": timezone.get_current_timezone_name(),
                **options.get("initial", {}),
            }
        super().__init__(*arguments, **options)
        self._offer_channels(sender)
        for field in info.settings:
            self.fields[f"setting_{field.name}"] = _form_field(field)
        for field in info.credentials:
            secret = _form_field(field, is_kept=sender is not None)
            if sender is not None and sender.credentials_token:
                secret.help_text = _("Kept as it is when left empty; never shown.")
            self.fields[f"credential_{field.name}"] = secret
        if Channel.EMAIL.value not in info.channels:
            for name in PROVIDERS:
                del self.fields[f"group_{name}"]
        if self.is_mailbox:
            self._shape_mailbox()

    def _offer_channels(self, sender: Sender | None) -> None:
        labels = dict(Channel.choices)
        channel = self.fields["channel"]
        assert isinstance(channel, forms.ChoiceField)
        channel.choices = [(name, labels[name]) for name in self.info.channels]
        channel.disabled = sender is not None
        if len(self.info.channels) == 1:
            channel.widget, channel.required = forms.HiddenInput(), False
            channel.initial = self.info.channels[0]
        if self.info.channels == (Channel.EMAIL.value,):
            self.fields["address"].label = _("E-mail address")
            self.fields["address"].required = True
            self.fields["address"].widget = forms.EmailInput(attrs={"autocomplete": "off"})
        elif self.info.channels == (Channel.SMS.value,):
            self.fields["address"].label = _("Phone number")
        elif self.info.is_simulated and sender is None:
            self.fields["address"].required = True
            self.fields["address"].help_text = _("Made up, for example ann@firm.example")

    def _shape_mailbox(self) -> None:
        host = self.fields["setting_host"]
        host.required = False
        host.help_text = _("Empty: found from the address")
        if not self.provider:
            return
        gone = list(KNOWN_OF_PROVIDERS)
        if self.has_shared_client:
            gone += ["setting_client_id", "credential_client_secret"]
        else:
            self.fields["setting_client_id"].required = True
        for name in gone:
            del self.fields[name]

    @property
    def has_shared_client(self) -> bool:
        """Whether outreach.toml names our app at the provider."""
        return bool(oauth.shared_client(self.provider)[0])

    @property
    def groups(self) -> list[Group]:
        """The essential fields, then the rest by subject, folded away."""
        apart: dict[Any, list[str]] = {"": []}
        for prefix, asked in (("setting", self.info.settings), ("credential", self.info.credentials)):
            for field in asked:
                apart.setdefault(field.section, []).append(f"{prefix}_{field.name}")
        connection = apart.pop("")
        if self.is_mailbox:
            essential: tuple[str, ...] = ("address", "credential_password", "display_name")
            if self.provider and not self.has_shared_client:
                essential += ("setting_client_id", "credential_client_secret")
            servers = tuple(name for name in connection if name not in essential)
            head = [Group(essential), Group(servers, _("Servers"), _("found from the address"), True)]
        else:
            head = [Group(("address", "channel", "display_name")), Group(tuple(connection), _("Connection"))]
        shown = {name for group in head for name in group.names}
        rest = [
            Group(("name", "signature", "tags"), _("Name and signature"), "", True),
            Group(LIMITS, _("Limits and warm-up"), _("how many messages, how far apart"), True),
            Group(HOURS, _("Working hours"), "", True),
            *(
                Group(tuple(name for name in names if name not in shown), title, "", True)
                for title, names in apart.items()
            ),
            Group(tuple(f"group_{name}" for name in PROVIDERS), _("Limits by the recipients' mail provider"), "", True),
        ]
        return [*head, *rest]

    @property
    def needed(self) -> tuple[str, ...]:
        return ("credential_password",) if self.is_mailbox and self.is_new and not self.provider else ()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        signs_in = data.get("setting_sign_in") == "password" and not data.get("setting_host")
        if self.needed and signs_in and not data.get("credential_password"):
            self.add_error("credential_password", _("Enter the password of the mailbox."))
        return data

    def values(self) -> dict[str, Any]:
        """Keyword arguments for the services."""
        data = self.cleaned_data
        values = {name: data[name] for name in FIXED}
        values["channel"] = data["channel"] or self.info.channels[0]
        values["name"] = data["name"] or data["address"] or str(self.info.label)
        for name, default in (("gap_jitter_percent", 50), ("warmup_step", 2)):
            values[name] = default if data[name] is None else data[name]
        values |= {name: data[name] for name in ("warmup_start", "warmup_ceiling", "has_workday")}
        values["tags"] = [tag.strip() for tag in data["tags"].split(",") if tag.strip()]
        limits = {name: data.get(f"group_{name}") for name in PROVIDERS}
        values["group_limits"] = {name: limit for name, limit in limits.items() if limit is not None}
        hours = {"days": [int(day) for day in data["days"]], "start": data["start"], "end": data["end"]}
        values["working_hours"] = hours if data["days"] else {}
        values["has_workday"] = data["has_workday"] and (bool(data["days"]) or not self.is_new)
        values["settings"] = {
            field.name: data[f"setting_{field.name}"]
            for field in self.info.settings
            if data.get(f"setting_{field.name}") not in ("", None)
        }
        if self.provider:
            values["settings"] |= {"sign_in": "xoauth2", "oauth_provider": self.provider}
            values["settings"] |= discovery.preset(self.provider).servers().settings()
        return values

    def config(self) -> SenderConfig:
        """What the form says, for a new sender."""
        return SenderConfig(adapter=self.info.name, credentials=self.credentials(), **self.values())

    def credentials(self) -> dict[str, Any]:
        found = {field.name: self.cleaned_data.get(f"credential_{field.name}") for field in self.info.credentials}
        return {name: value for name, value in found.items() if value}

    def show_error(self, field: str, reason: str) -> None:
        """Put a service's error beside its field."""
        for name in (field, f"setting_{field}", f"credential_{field}"):
            if name in self.fields:
                self.add_error(name, reason)
                return
        at = {"working_hours": "days", "group_limits": "group_google" if "group_google" in self.fields else None}
        self.add_error(at.get(field), reason)

    def show_found(self, servers: discovery.MailServers) -> None:
        """Put what was found into the fields of the servers, so that it can be corrected."""
        found = {f"setting_{name}": str(value) for name, value in servers.settings().items()}
        shown = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        for name, value in found.items():
            shown[name] = value
        self.data = shown


def _form_field(field: Field, *, is_kept: bool = False) -> forms.Field:
    common: dict[str, Any] = {
        "label": field.label,
        "help_text": field.help,
        "required": field.required and not is_kept,
        "initial": field.default,
    }
    if field.type == "integer":
        return forms.IntegerField(min_value=field.minimum, max_value=field.maximum, **common)
    if field.type == "boolean":
        return forms.BooleanField(**{**common, "required": False})
    if field.type == "choice":
        return forms.ChoiceField(choices=field.choices, **common)
    if field.type == "secret":
        widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
        return forms.CharField(widget=widget, **common)
    if field.type == "key":
        area = forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false", "class": "mono"})
        return forms.CharField(widget=area, **common)
    return forms.CharField(**common)


def _initial(sender: Sender) -> dict[str, Any]:
    hours = sender.working_hours or {}
    return {
        **{name: getattr(sender, name) for name in (*FIXED, *PACE)},
        "tags": ", ".join(sender.tags),
        **{f"group_{name}": limit for name, limit in sender.group_limits.items()},
        "days": [str(day) for day in hours.get("days", [])],
        "start": hours.get("start", "09:00"),
        "end": hours.get("end", "17:00"),
        **{f"setting_{name}": value for name, value in sender.settings.items()},
    }
