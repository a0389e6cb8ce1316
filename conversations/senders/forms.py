"""The sender form: fixed fields, plus those of the chosen adapter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.channels.fields import AdapterInfo, Field
from conversations.senders.deliverability.mail_providers import PROVIDERS
from conversations.senders.models import Sender
from conversations.senders.services import SenderConfig
from leads.models import Channel

DAYS = [
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
]
FIXED = (
    "name", "channel", "address", "display_name", "signature", "hourly_cap", "daily_cap", "weekly_cap", "gap_seconds",
    "time_zone",
)  # fmt: skip
PACE = ("gap_jitter_percent", "warmup_start", "warmup_step", "warmup_ceiling", "has_workday")


class SenderForm(forms.Form):
    """Syntax only; what is right is decided by the services, whose errors are shown at their fields."""

    name = forms.CharField(label=_("Name"))
    channel = forms.ChoiceField(label=_("Channel"))
    address = forms.CharField(label=_("Address or number"), required=False)
    display_name = forms.CharField(label=_("Name that recipients see"), required=False)
    signature = forms.CharField(label=_("Signature"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    hourly_cap = forms.IntegerField(label=_("Messages an hour"), initial=20)
    daily_cap = forms.IntegerField(label=_("Messages in 24 hours"), initial=50)
    weekly_cap = forms.IntegerField(label=_("Messages in 7 days"), initial=250)
    gap_seconds = forms.IntegerField(label=_("Seconds between messages"), initial=60)
    gap_jitter_percent = forms.IntegerField(
        label=_("Random extra gap, up to, in percent"),
        initial=50,
        required=False,
        help_text=_("Each gap is drawn from a triangular distribution and is never shorter than the seconds above."),
    )
    warmup_start = forms.IntegerField(
        label=_("Warm-up: messages on the first day"), required=False, help_text=_("Empty: no warm-up")
    )
    warmup_step = forms.IntegerField(
        label=_("Warm-up: more after each used day"),
        initial=2,
        required=False,
        help_text=_("A day counts if at least half of its allowance was sent."),
    )
    warmup_ceiling = forms.IntegerField(
        label=_("Warm-up: messages on a warm day"), required=False, help_text=_("Empty: the 24-hour cap")
    )
    group_google = forms.IntegerField(label=_("An hour to Google"), required=False, help_text=_("Empty: no limit"))
    group_microsoft = forms.IntegerField(label=_("An hour to Microsoft"), required=False)
    group_yahoo = forms.IntegerField(label=_("An hour to Yahoo"), required=False)
    group_other = forms.IntegerField(label=_("An hour to all other providers"), required=False)
    tags = forms.CharField(
        label=_("Tags"), required=False, help_text=_("Separated by commas. Senders with the same tag form a pool.")
    )
    time_zone = forms.CharField(label=_("Time zone"), initial="UTC", help_text=_("For example Europe/Berlin"))
    days = forms.MultipleChoiceField(
        label=_("Working days"),
        choices=DAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: always"),
    )
    start = forms.CharField(label=_("From"), required=False, initial="09:00")
    end = forms.CharField(label=_("To"), required=False, initial="17:00")
    has_workday = forms.BooleanField(
        label=_("Works like a person"),
        required=False,
        help_text=_("Start, lunch, end and gaps differ from day to day, within the working hours."),
    )

    def __init__(self, *arguments: Any, info: AdapterInfo, sender: Sender | None = None, **options: Any) -> None:
        if sender is not None:
            options["initial"] = _initial(sender)
        super().__init__(*arguments, **options)
        self.info = info
        labels = dict(Channel.choices)
        channel = self.fields["channel"]
        assert isinstance(channel, forms.ChoiceField)
        channel.choices = [(name, labels[name]) for name in info.channels]
        if sender is not None:
            channel.disabled = True
        if Channel.EMAIL.value not in info.channels:
            for name in PROVIDERS:
                del self.fields[f"group_{name}"]
        for field in info.settings:
            self.fields[f"setting_{field.name}"] = _form_field(field)
        for field in info.credentials:
            secret = _form_field(field, is_kept=sender is not None)
            if sender is not None and sender.credentials_token:
                secret.help_text = _("Kept as it is when left empty; never shown.")
            self.fields[f"credential_{field.name}"] = secret

    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """(heading, fields) for the page: who, connection, what the adapter sets apart, pace."""
        who = ("name", "channel", "address", "display_name", "signature", "tags")
        apart: dict[Any, list[str]] = {"": []}
        for prefix, asked in (("setting", self.info.settings), ("credential", self.info.credentials)):
            for field in asked:
                apart.setdefault(field.section, []).append(f"{prefix}_{field.name}")
        connection = apart.pop("")
        own = [*connection, *(name for names in apart.values() for name in names)]
        groups = [name for name in self.fields if name.startswith("group_")]
        pace = [name for name in self.fields if name not in (*who, *own, *groups)]
        named = [
            (_("Identity"), who),
            (_("Connection"), connection),
            *apart.items(),
            (_("Pace and hours"), pace),
            (_("Limits by the recipients' mail provider"), groups),
        ]
        return [(heading, [self[name] for name in names]) for heading, names in named if names]

    def values(self) -> dict[str, Any]:
        """Keyword arguments for the services."""
        data = self.cleaned_data
        values = {name: data[name] for name in FIXED}
        for name, default in (("gap_jitter_percent", 50), ("warmup_step", 2)):
            values[name] = default if data[name] is None else data[name]
        values |= {name: data[name] for name in ("warmup_start", "warmup_ceiling", "has_workday")}
        values["tags"] = [tag.strip() for tag in data["tags"].split(",") if tag.strip()]
        limits = {name: data.get(f"group_{name}") for name in PROVIDERS}
        values["group_limits"] = {name: limit for name, limit in limits.items() if limit is not None}
        hours = {"days": [int(day) for day in data["days"]], "start": data["start"], "end": data["end"]}
        values["working_hours"] = hours if data["days"] else {}
        values["settings"] = {
            field.name: data[f"setting_{field.name}"]
            for field in self.info.settings
            if data[f"setting_{field.name}"] not in ("", None)
        }
        return values

    def config(self) -> SenderConfig:
        """What the form says, for a new sender."""
        return SenderConfig(adapter=self.info.name, credentials=self.credentials(), **self.values())

    def credentials(self) -> dict[str, Any]:
        found = {field.name: self.cleaned_data[f"credential_{field.name}"] for field in self.info.credentials}
        return {name: value for name, value in found.items() if value}

    def show_error(self, field: str, reason: str) -> None:
        """Put a service's error beside its field."""
        for name in (field, f"setting_{field}", f"credential_{field}"):
            if name in self.fields:
                self.add_error(name, reason)
                return
        at = {"working_hours": "days", "group_limits": "group_google" if "group_google" in self.fields else None}
        self.add_error(at.get(field), reason)


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
