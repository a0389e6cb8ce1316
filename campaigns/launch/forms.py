"""The plan of a campaign as a person fills it in: one form and a row for each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.launch.plan import CampaignPlan
from campaigns.models import Campaign, language_of
from campaigns.steps.models import Step
from campaigns.steps.plan import StepPlan
from conversations.playbooks.models import Playbook
from conversations.senders.models import Sender
from leads.models import Channel
from leads.qualification.models import Brief
from leads.segments.models import Segment, SegmentVersion
from outreach.core.forms import MomentField, NumberField, ZoneField
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


class CampaignForm(forms.Form):
    """Name, words, audience and schedule."""

    name = forms.CharField(label=_("Name"), max_length=200)
    mode = forms.ChoiceField(
        label=_("How it runs"), choices=Campaign.Mode.choices, initial=Campaign.Mode.ONCE, required=False
    )
    goal = forms.CharField(
        label=_("Goal"),
        required=False,
        help_text=_("The goal in one sentence: a call, an answer, a trial."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    offer = forms.CharField(
        label=_("Offer"),
        required=False,
        help_text=_("What you offer and why it matters to them. Drafts are based on this."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    offer_other = forms.CharField(
        label=_("Offer in the other language"),
        required=False,
        help_text=_(
            "Russian if the offer is in English, or the other way round. Without it everyone is written to "
            "in the language of the offer; the two are never mixed."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    booking_url = forms.URLField(label=_("Booking link"), required=False, assume_scheme="https")
    segment = forms.ModelChoiceField(
        label=_("Segment"), queryset=Segment.objects.none(), empty_label=_("Choose a segment")
    )
    brief = forms.ModelChoiceField(
        label=_("Brief"),
        queryset=Brief.objects.all(),
        required=False,
        empty_label=_("None: everyone in the segment qualifies"),
    )
    playbook = forms.ModelChoiceField(
        label=_("Playbook"),
        queryset=Playbook.objects.none(),
        required=False,
        empty_label=_("The team's default"),
        help_text=_("What answers to replies may say, and whether they leave by themselves."),
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
    daily_cap = NumberField(
        label=_("Daily cap"), required=False, min_value=1, max_value=100_000, unit=_("messages a day")
    )
    is_stopped_by_company = forms.BooleanField(label=_("A reply stops everyone at that company"), required=False)
    skips_holidays = forms.BooleanField(label=_("Skip public holidays in the recipient's country"), required=False)
    keeps_busy = forms.BooleanField(
        label=_("Also people in another running campaign or contacted recently"), required=False
    )
    waits_for_model = forms.BooleanField(
        label=_("Wait when no model answers"),
        required=False,
        initial=True,
        help_text=_("In an outage or at a spend cap. Otherwise the built-in rules write and judge."),
    )
    time_zone = ZoneField(
        label=_("Time zone"),
        required=False,
        initial="UTC",
        help_text=_("Daily campaigns start their day at midnight here."),
    )
    daily_limit = NumberField(
        label=_("New leads a day from each sender"),
        required=False,
        min_value=1,
        max_value=1_000,
        unit=_("people a day"),
        help_text=_("Empty: as many as the sender's caps leave."),
    )
    sources = forms.JSONField(
        label=_("Sources for more leads"),
        required=False,
        help_text=_(
            'Sources to crawl when no leads are left, as JSON. For example [{"adapter": "network", '
            '"keywords": ["head of people"], "pages": 3}]'
        ),
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
    )
    applies_to = forms.ChoiceField(
        label=_("Apply the change to"),
        choices=[
            ("new", _("New leads only: anyone already written to keeps their plan")),
            ("in_flight", _("Leads in progress too (reschedules their follow-ups)")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    start_at = MomentField(label=_("Not before"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["segment"]
        field.queryset = Segment.objects.filter(archived_at=None)
        chosen: Any = self.fields["playbook"]
        keep = self.initial.get("playbook")
        chosen.queryset = Playbook.objects.in_use() | Playbook.objects.filter(pk=getattr(keep, "pk", 0))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if (opens is None) != (closes is None):
            self.add_error("closes_at" if closes is None else "opens_at", _("Enter both hours or neither."))
        elif opens and closes and opens >= closes:
            self.add_error("closes_at", _("The window closes before it opens: choose a later end."))
        segment = cleaned.get("segment")
        if segment is not None and segment.current is None:
            self.add_error("segment", _("This segment has no criteria yet."))
        first, other = cleaned.get("offer", ""), cleaned.get("offer_other", "")
        if other and not first:
            self.add_error("offer", _("Write the offer here first, then add the other language."))
        elif other and language_of(first) == language_of(other):
            self.add_error("offer_other", _("This is in the same language as the offer."))
        return cleaned

    def plan(self, steps: Sequence[StepPlan], *, keep: SegmentVersion | None = None) -> CampaignPlan:
        """The plan that was filled in. `keep` is the version that a campaign already has of its segment."""
        data = self.cleaned_data
        segment: Segment = data["segment"]
        other = data["offer_other"]
        version = keep if keep is not None and keep.segment_id == segment.pk else segment.current
        assert version is not None, "clean refuses a segment without criteria"
        given = {field.name: data[field.name] for field in fields(CampaignPlan) if field.name in data}
        given |= {
            "mode": data["mode"] or Campaign.Mode.ONCE,
            "time_zone": data["time_zone"] or "UTC",
            "sources": data["sources"] or [],
        }
        return CampaignPlan(
            **given,
            steps=steps,
            segment_version=version,
            offer_translations={language_of(other): other} if other else {},
            window=self._window(),
        )

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
    """One step of the sequence. The channel follows from the sender; a task has instructions instead."""

    action = forms.ChoiceField(
        label=_("Action"), choices=Step.Action.choices, initial=Step.Action.MESSAGE, required=False
    )
    sender = forms.ModelChoiceField(
        label=_("Send from"), queryset=Sender.objects.all(), required=False, empty_label=_("Choose a sender")
    )
    pool = forms.CharField(
        label=_("Or any sender tagged"),
        required=False,
        max_length=60,
        help_text=_("Senders with this tag take turns. Each lead always hears from the same one."),
    )
    pack_version = forms.ModelChoiceField(
        label=_("Prompt pack"),
        queryset=PackVersion.objects.none(),
        required=False,
        empty_label=_("Choose what is written"),
    )
    instructions = forms.CharField(
        label=_("What the person should do"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    condition = forms.ChoiceField(
        label=_("Only"), choices=Step.Condition.choices, initial=Step.Condition.ALWAYS, required=False
    )
    condition_step = forms.IntegerField(label=_("Depends on step"), required=False, min_value=1, max_value=20)
    delay_days = NumberField(
        label=_("After the previous step"),
        min_value=0,
        max_value=365,
        initial=3,
        required=False,
        unit=_("working days"),
    )
    is_in_thread = forms.BooleanField(label=_("As a reply in the same thread"), required=False, initial=True)

    needed = ("sender", "pack_version", "instructions")
    """A message needs the first two, a task the last; the page shows only those of the chosen action."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sender: Any = self.fields["sender"]
        sender.queryset = Sender.objects.order_by("channel", "name")
        sender.label_from_instance = lambda s: f"{s.name} · {s.get_channel_display()} · {s.address}"
        pack: Any = self.fields["pack_version"]
        keep = self.initial.get("pack_version")
        labelled = PackVersion.objects.in_production().filter(definition__route="draft")
        pack.queryset = (labelled | PackVersion.objects.filter(pk=keep)).distinct() if keep else labelled
        pack.label_from_instance = lambda p: f"{p.name} · {p.channel} · {', '.join(p.languages)}"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        sender, pack = cleaned.get("sender"), cleaned.get("pack_version")
        if cleaned.get("action") == Step.Action.TASK:
            if not (cleaned.get("instructions") or "").strip():
                self.add_error("instructions", _("Enter what the person should do."))
            return cleaned
        for name in ("sender", "pack_version"):
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, _("This field is required."))
        if sender and pack and sender.channel != pack.channel:
            self.add_error("pack_version", _("This pack is for a different channel than the sender."))
        return cleaned

    def plan(self) -> StepPlan:
        data = self.cleaned_data
        is_task = data["action"] == Step.Action.TASK
        return StepPlan(
            channel="" if is_task else data["sender"].channel,
            sender=None if is_task else data["sender"],
            pack_version=None if is_task else data["pack_version"],
            delay_days=data["delay_days"] or 0,
            is_in_thread=data["is_in_thread"],
            action=data["action"] or Step.Action.MESSAGE,
            pool=data["pool"],
            instructions=data["instructions"],
            condition=data["condition"] or Step.Condition.ALWAYS,
            condition_step=data["condition_step"],
        )


class BaseStepFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """The steps in order. Rows are added and dropped at the end, before anything is saved."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        if data is not None:
            data = data.copy()
            count = self._count(data) + {"add": 1, "drop": -1}.get(data.get("resize", ""), 0)
            data[f"{PREFIX}-TOTAL_FORMS"] = str(max(1, min(count, MAX_STEPS)))
            data[f"{PREFIX}-INITIAL_FORMS"] = "0"
        super().__init__(data, prefix=PREFIX, form_kwargs={"empty_permitted": False}, **kwargs)

    @staticmethod
    def _count(data: Any) -> int:
        text = data.get(f"{PREFIX}-TOTAL_FORMS", "")
        return int(text) if text.isdecimal() and len(text) < 4 else 1

    def add_prefix(self, index: int | str) -> str:
        return f"{self.prefix}{index}"

    def plans(self) -> list[StepPlan]:
        return [form.plan() for form in self.forms]


PREFIX = "step"
MAX_STEPS = 12
StepFormSet: Any = forms.formset_factory(
    StepForm, formset=BaseStepFormSet, extra=0, max_num=MAX_STEPS, absolute_max=MAX_STEPS
)


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """What the form of an existing campaign starts with."""
    window = campaign.stream.window
    alike = {name: getattr(campaign, name) for name in CampaignForm.base_fields if hasattr(campaign, name)}
    return alike | {
        "offer_other": next(iter(campaign.offer_translations.values()), ""),
        "sources": campaign.sources or None,
        "segment": campaign.segment_version.segment_id,
        "days": [str(day) for day in window.get("days", range(7))],
        "opens_at": window.get("start"),
        "closes_at": window.get("end") if window.get("end") != "24:00" else "23:59",
        "daily_cap": campaign.stream.daily_cap,
    }


def initial_steps(campaign: Campaign) -> list[dict[str, Any]]:
    """What the step rows of an existing campaign start with."""
    return list(campaign.steps.order_by("number").values(*StepForm.base_fields))
