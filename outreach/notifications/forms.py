"""The form of a user's preferences. The services decide what is right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from outreach.access.models import User
from outreach.core.forms import Group, Text
from outreach.notifications.kinds import CHAT, MAIL
from outreach.notifications.models import Pace, Preferences
from outreach.notifications.services import Choice, kinds_for

HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


def _hour(label: Text) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,  # type: ignore[arg-type]  # a lazy text, which forms take
        choices=HOURS,
        coerce=int,
    )


class PreferencesForm(forms.Form):
    """Which kinds by which way, and when."""

    mail = forms.MultipleChoiceField(label=_("By e-mail"), required=False, widget=forms.CheckboxSelectMultiple)
    pace = forms.ChoiceField(label=_("How often"), choices=Pace.choices)
    daily_hour = _hour(_("Time of the daily e-mail"))
    chat = forms.MultipleChoiceField(label=_("In my own chat"), required=False, widget=forms.CheckboxSelectMultiple)
    chat_url = forms.CharField(
        label=_("Address of my chat"),
        required=False,
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://hooks.slack.com/services/…", "autocomplete": "off"}),
    )
    forgets_chat = forms.BooleanField(label=_("Forget the stored address"), required=False)
    is_quiet = forms.BooleanField(label=_("Nothing at night"), required=False)
    quiet_from = _hour(_("From"))
    quiet_until = _hour(_("Until"))

    groups = (
        Group(("mail", "pace", "daily_hour"), title=_("E-mail")),
        Group(("chat_url", "forgets_chat", "chat"), title=_("Slack or another chat")),
        Group(
            ("is_quiet", "quiet_from", "quiet_until"),
            title=_("Quiet hours"),
            help=_("In your time zone. What happens meanwhile comes together in the morning."),
        ),
    )

    def __init__(self, *args: Any, user: User, row: Preferences, **options: Any) -> None:
        offered = kinds_for(user)
        options["initial"] = {
            **{name: getattr(row, name) for name in ("pace", "daily_hour", "is_quiet", "quiet_from", "quiet_until")},
            **{way: [kind.name for kind in offered if row.wants(way, kind)] for way in (MAIL, CHAT)},
        }
        super().__init__(*args, **options)
        self.offered = offered
        choices = [
            (kind.name, format_html('<span>{} <span class="muted small">{}</span></span>', kind.label, kind.help))
            for kind in offered
        ]
        for way, label in ((MAIL, _("By e-mail")), (CHAT, _("In my own chat"))):
            self.fields[way] = forms.MultipleChoiceField(
                label=label, required=False, widget=forms.CheckboxSelectMultiple, choices=choices
            )
        self.fields["chat_url"].help_text = (
            _("One is stored. Leave this empty to keep it.")
            if row.chat_token
            else _("An incoming webhook of Slack, Mattermost or Rocket.Chat, or any address that accepts {“text”: …}.")
        )
        if not row.chat_token:
            del self.fields["forgets_chat"]

    def choice(self) -> Choice:
        """What was entered, as the service wants it."""
        given = self.cleaned_data
        names = [kind.name for kind in self.offered]
        forgets = given.get("forgets_chat", False)
        return Choice(
            mail={name: name in given[MAIL] for name in names},
            chat={name: name in given[CHAT] for name in names},
            chat_url="" if forgets else given["chat_url"] or None,
            **{name: given[name] for name in ("pace", "daily_hour", "is_quiet", "quiet_from", "quiet_until")},
        )
