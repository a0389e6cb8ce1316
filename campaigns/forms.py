"""The plan of a campaign as a person fills it in: one form and a row for each step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.plan import StepPlan
from conversations.senders.models import Sender
from leads.models import Channel
from leads.qualification.models import Brief
from leads.segments.models import Segment, SegmentVersion
from outreach.prompts.models import PackVersion

DAYS = [
    ("0", _("Mon")),
    ("1", _("Tue")),
    ("2", _("Wed")),
    ("3", _("Thu")),
    ("4", _("Fri")),
    ("5", _("Sat")),
    ("6", _("Sun")),
]
CHANNELS = [(value, label) for value, label in Channel.choices if value != Channel.NETWORK]
MOMENT = "%Y-%m-%dT%H:%M"


class CampaignForm(forms.Form):
    """Name, words, audience and schedule."""

    name = forms.CharField(label=_("Name"), max_length=200)
    goal = forms.CharField(
        label=_("Goal"),
        required=False,
        help_text=_("What should come of it, in a sentence: a call, an answer, a trial."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    offer = forms.CharField(
        label=_("Offer"),
        required=False,
        help_text=_("What you offer and why it matters to them. Drafts are written from this."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    booking_url = forms.URLField(label=_("Booking link"), required=False, assume_scheme="https")
    segment = forms.ModelChoiceField(label=_("Segment"), queryset=Segment.objects.none())
    brief = forms.ModelChoiceField(
        label=_("Brief"),
        queryset=Brief.objects.all(),
        required=False,
        empty_label=_("None: everybody in the segment qualifies"),
    )
    days = forms.MultipleChoiceField(
        label=_("Days"),
        choices=DAYS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day of the week.")},
        initial=["0", "1", "2", "3", "4"],
    )
    opens_at = forms.TimeField(
        label=_("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    closes_at = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    daily_cap = forms.IntegerField(label=_("At most a day"), required=False, min_value=1, max_value=100_000)
    start_at = forms.DateTimeField(
        label=_("Not before"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        input_formats=[MOMENT, "%Y-%m-%d %H:%M", "%Y-%m-%d"],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["segment"]
        field.queryset = Segment.objects.filter(archived_at=None)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if (opens is None) != (closes is None):
            self.add_error("closes_at" if closes is None else "opens_at", _("Give both hours, or neither."))
        elif opens and closes and opens >= closes:
            self.add_error("closes_at", _("The window closes before it opens: choose a later end."))
        segment = cleaned.get("segment")
        if segment is not None and segment.current is None:
            self.add_error("segment", _("This segment has no criteria yet."))
        return cleaned

    def plan(self, keep: SegmentVersion | None = None) -> dict[str, Any]:
        """The arguments of `create_campaign` that this form knows. `keep` is the version that a campaign already has."""
        data = self.cleaned_data
        segment: Segment = data["segment"]
        version = keep if keep is not None and keep.segment_id == segment.pk else segment.current
        return {
            "name": data["name"],
            "goal": data["goal"],
            "offer": data["offer"],
            "booking_url": data["booking_url"],
            "segment_version": version,
            "brief": data["brief"],
            "window": self._window(),
            "daily_cap": data["daily_cap"],
            "start_at": data["start_at"],
        }

    def _window(self) -> dict[str, Any]:
        data = self.cleaned_data
        days = sorted(int(day) for day in data["days"])
        if data["opens_at"] is None and len(days) == 7:
            return {}
        return {
            "days": days,
            "start": data["opens_at"].strftime("%H:%M") if data["opens_at"] else "00:00",
            "end": data["closes_at"].strftime("%H:%M") if data["closes_at"] else "24:00",
        }


class StepForm(forms.Form):
    """One message of the sequence. The channel follows from the sender."""

    sender = forms.ModelChoiceField(label=_("From"), queryset=Sender.objects.all())
    pack_version = forms.ModelChoiceField(label=_("Prompt pack"), queryset=PackVersion.objects.none())
    delay_days = forms.IntegerField(
        label=_("Working days after"), min_value=0, max_value=365, initial=3, required=False
    )
    is_in_thread = forms.BooleanField(label=_("As a reply in the same thread"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sender: Any = self.fields["sender"]
        sender.queryset = Sender.objects.order_by("channel", "name")
        sender.label_from_instance = lambda s: f"{s.name} · {s.get_channel_display()} · {s.address}"
        pack: Any = self.fields["pack_version"]
        keep = self.initial.get("pack_version")
        labelled = PackVersion.objects.filter(labels__label="current")
        pack.queryset = (labelled | PackVersion.objects.filter(pk=keep)).distinct() if keep else labelled
        pack.label_from_instance = lambda p: f"{p.name} · {p.channel} · {', '.join(p.languages)}"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        sender, pack = cleaned.get("sender"), cleaned.get("pack_version")
        if sender and pack and sender.channel != pack.channel:
            self.add_error("pack_version", _("This pack writes for another channel than the sender's."))
        return cleaned

    def plan(self) -> StepPlan:
        data = self.cleaned_data
        return StepPlan(
            channel=data["sender"].channel,
            sender=data["sender"],
            pack_version=data["pack_version"],
            delay_days=data["delay_days"] or 0,
            is_in_thread=data["is_in_thread"],
        )


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """What the form of an existing campaign starts with."""
    window = campaign.stream.window
    return {
        "name": campaign.name,
        "goal": campaign.goal,
        "offer": campaign.offer,
        "booking_url": campaign.booking_url,
        "segment": campaign.segment_version.segment_id,
        "brief": campaign.brief_id,
        "days": [str(day) for day in window.get("days", range(7))],
        "opens_at": window.get("start"),
        "closes_at": window.get("end") if window.get("end") != "24:00" else "23:59",
        "daily_cap": campaign.stream.daily_cap,
        "start_at": campaign.start_at,
    }


def initial_steps(campaign: Campaign) -> list[dict[str, Any]]:
    """What the step rows of an existing campaign start with."""
    return [
        {
            "sender": step.sender_id,
            "pack_version": step.pack_version_id,
            "delay_days": step.delay_days,
            "is_in_thread": step.is_in_thread,
        }
        for step in campaign.steps.order_by("number")
    ]


class ChoiceForm(forms.Form):
    """A person's decision on one candidate."""

    reason = forms.CharField(label=_("Why"), required=False, max_length=500)


class OutcomeForm(forms.Form):
    """A fact that only a person knows."""

    kind = forms.ChoiceField(
        label=_("What happened"), choices=[("booked", _("Booked a call")), ("won", _("Won")), ("lost", _("Lost"))]
    )
    value = forms.DecimalField(label=_("Worth"), required=False, max_digits=12, decimal_places=2, min_value=0)
    reason = forms.CharField(label=_("Note"), required=False, max_length=500)
