"""The one page from a list to its drafts, as a person fills it in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.launch import quick
from campaigns.models import language_of
from conversations.playbooks.models import Playbook
from conversations.senders.models import SENDER, Sender
from leads.qualification.models import Brief
from leads.segments import schema
from outreach.core.errors import Invalid
from outreach.core.forms import MomentField, NumberField

LIST_GONE = _("This list no longer exists. Choose another one.")


class QuickForm(forms.Form):
    """The little that a campaign needs; everything else has a default and can be edited afterwards."""

    audience = forms.ChoiceField(label=_("Audience"), error_messages={"invalid_choice": LIST_GONE})
    only_title = forms.CharField(
        label=_("Only with the position"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": _("CTO, Head of IT")}),
    )
    only_country = forms.CharField(
        label=_("Only in the country"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": _("Germany, Austria")}),
    )
    keeps_busy = forms.BooleanField(label=_("Keep them"), required=False)
    name = forms.CharField(label=_("Campaign name"), max_length=200)
    offer = forms.CharField(
        label=_("Offer"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you offer and why it matters to them. Drafts are based on this."),
    )
    sender = forms.ModelChoiceField(
        label=_("Send from"),
        queryset=Sender.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": _("This sender can no longer send. Choose another one.")},
    )
    hours = forms.ChoiceField(
        label=_("When"),
        choices=[
            (quick.OFFICE, _("Monday to Friday, 09:00–17:00 in their time")),
            (quick.DAILY, _("Every day, 08:00–20:00 in their time")),
            (quick.ALWAYS, _("At any time")),
        ],
    )
    has_follow_up = forms.BooleanField(
        label=_("Follow up after three working days without a reply"), required=False, initial=True
    )
    brief = forms.ModelChoiceField(
        label=_("Qualify first"),
        queryset=Brief.objects.order_by("name"),
        required=False,
        empty_label=_("No: write to everyone"),
        error_messages={"invalid_choice": _("This brief no longer exists. Choose another one.")},
        help_text=_("A brief judges each person first; only those it accepts are written to."),
    )
    playbook = forms.ModelChoiceField(
        label=_("Playbook"),
        queryset=Playbook.objects.in_use(),
        required=False,
        empty_label=_("The team's default"),
        error_messages={"invalid_choice": _("This playbook is no longer in use. Choose another one.")},
        help_text=_("What answers to replies may say, and whether they leave by themselves."),
    )
    booking_url = forms.URLField(label=_("Booking link"), required=False, assume_scheme="https")
    offer_other = forms.CharField(
        label=_("Offer in the other language"),
        required=False,
        help_text=_("Russian if the offer is in English, or the other way round."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    daily_cap = NumberField(
        label=_("Daily cap"), required=False, min_value=1, max_value=100_000, unit=_("messages a day")
    )
    start_at = MomentField(label=_("Not before"), required=False)
    is_stopped_by_company = forms.BooleanField(
        label=_("A reply stops everyone at that company"), required=False, initial=True
    )
    skips_holidays = forms.BooleanField(
        label=_("Skip public holidays in the recipient's country"), required=False, initial=True
    )

    ESSENTIALS = (
        "audience",
        "only_title",
        "only_country",
        "keeps_busy",
        "name",
        "offer",
        "sender",
        "hours",
        "has_follow_up",
        "brief",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sender: Any = self.fields["sender"]
        sender.queryset = Sender.objects.filter(state=SENDER.ACTIVE, channel__in=quick.PACKS).order_by(
            "channel", "name"
        )
        sender.label_from_instance = lambda one: f"{one.name} · {one.address}"
        audience: Any = self.fields["audience"]
        audience.choices = quick.lists()
        self.fields["hours"].initial = quick.usual_hours(sender.queryset.first())

    @property
    def advanced(self) -> list[forms.BoundField]:
        """The fields that have a good default."""
        return [field for field in self if field.name not in self.ESSENTIALS]

    @property
    def has_advanced_fault(self) -> bool:
        return any(field.errors for field in self.advanced)

    def clean_audience(self) -> quick.People:
        found = quick.people_named(self.cleaned_data["audience"])
        if found is None:
            raise forms.ValidationError(LIST_GONE)
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, other = cleaned.get("offer", ""), cleaned.get("offer_other", "")
        if first and other and language_of(first) == language_of(other):
            self.add_error("offer_other", _("This is in the same language as the offer."))
        title, country = cleaned.pop("only_title", ""), cleaned.pop("only_country", "")
        if people := cleaned.get("audience"):
            cleaned["audience"] = people.narrowed(title=title, country=country)
            try:
                schema.parse(cleaned["audience"].criteria)
            except Invalid as error:
                self.add_error("only_country", error.reason)
        return cleaned
