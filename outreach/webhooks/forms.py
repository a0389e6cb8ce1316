"""The form of a subscription. The services decide what is right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outreach.core.forms import Group
from outreach.events import kinds
from outreach.webhooks.connectors.base import Connector
from outreach.webhooks.models import Subscription
from outreach.webhooks.services import SubscriptionData


class SubscriptionForm(forms.Form):
    """Address, events and what the connector needs."""

    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false", "autocomplete": "off"}),
    )
    description = forms.CharField(
        label=_("Description"), max_length=200, required=False, help_text=_("What it is for. Shown in the list.")
    )
    everything = forms.BooleanField(label=_("All events, also those that come with later versions"), required=False)
    is_local = forms.BooleanField(
        label=_("On this machine or in my own network"),
        required=False,
        help_text=_("Without this, only public https addresses are asked."),
    )

    def __init__(
        self, *args: Any, connector: Connector, subscription: Subscription | None = None, **options: Any
    ) -> None:
        self.connector, self.subscription = connector, subscription
        options["initial"] = self._values(subscription) | (options.get("initial") or {})
        super().__init__(*args, **options)
        self.fields["kinds"] = forms.MultipleChoiceField(
            label=_("Events"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(kind.name, f"{kind.name} — {kind.help}") for kind in kinds.kinds().values()],
        )
        if not connector.has_url:
            del self.fields["url"], self.fields["is_local"]
        for wanted in connector.fields:
            self.fields[wanted.name] = self._field(wanted)
        own = tuple(wanted.name for wanted in connector.fields)
        self.groups = (
            Group(("url", *own, "description")),
            Group(("everything", "kinds"), title=_("Which events")),
            *((Group(("is_local",), title=_("More settings"), is_advanced=True),) if connector.has_url else ()),
        )

    def _values(self, row: Subscription | None) -> dict[str, Any]:
        patterns = row.kinds if row else self.connector.default_kinds
        values = {"everything": kinds.EVERYTHING in patterns, "kinds": [one.name for one in kinds.chosen(patterns)]}
        if row is None:
            return values | {wanted.name: wanted.default for wanted in self.connector.fields}
        return {**values, "url": row.url, "description": row.description, "is_local": row.is_local, **row.settings}

    def _field(self, wanted: Any) -> forms.Field:
        is_stored = bool(wanted.is_secret and self.subscription and self.subscription.secret_values().get(wanted.name))
        widget: forms.Widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        if wanted.is_secret:
            widget = forms.PasswordInput(attrs={"autocomplete": "off"})
        elif wanted.is_long:
            widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})
        return forms.CharField(
            label=wanted.label,
            help_text=_("One is stored. Leave this empty to keep it.") if is_stored else wanted.help,
            required=wanted.is_required and not is_stored,
            max_length=4000,
            widget=widget,
        )

    def data_given(self) -> SubscriptionData:
        """What was entered, as the service wants it."""
        given = self.cleaned_data
        return SubscriptionData(
            connector=self.connector.name,
            url=given.get("url", ""),
            kinds=(kinds.EVERYTHING,) if given["everything"] else tuple(given["kinds"]),
            description=given["description"],
            is_local=given.get("is_local", False),
            fields={wanted.name: given[wanted.name] for wanted in self.connector.fields},
        )


class TestForm(forms.Form):
    """Which example to send."""

    __test__ = False

    def __init__(self, *args: Any, subscription: Subscription, **options: Any) -> None:
        super().__init__(*args, **options)
        names = [(one.name, one.name) for one in kinds.chosen(subscription.kinds)]
        self.fields["kind"] = forms.ChoiceField(label=_("Event"), choices=names)


class ReplayForm(forms.Form):
    """From when on failed deliveries are repeated."""

    since = forms.DateTimeField(
        label=_("Failed since"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
