"""An experiment as a person fills it in: rates and differences in per cent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.arms.factors import CHOICES, FACTORS
from campaigns.arms.models import Experiment
from campaigns.experiments.design import usual_rate
from campaigns.experiments.services import MOST_ARMS, Plan
from campaigns.models import CAMPAIGN
from campaigns.steps.models import Step
from outreach.core.forms import Group, NumberField

FEW = 3
"""Of more values than these, two are proposed: each arm takes as many people again."""


class StepChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Steps by campaign and number."""

    def label_from_instance(self, obj: Step) -> str:
        return _("%(campaign)s · message %(number)s") % {"campaign": obj.campaign.name, "number": obj.number}


class PercentField(forms.DecimalField):
    """A share, written in per cent."""

    unit = "%"


class ExperimentForm(forms.Form):
    """What is compared, on what it is decided, and which difference matters."""

    step = StepChoice(label=_("Message"), queryset=Step.objects.none(), empty_label=None)
    name = forms.CharField(label=_("Name"), max_length=200)
    factor = forms.ChoiceField(label=_("What differs"), choices=CHOICES, initial="variant")
    values = forms.MultipleChoiceField(
        label=_("Compare"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Each person gets one of them at random. With a single one, half of the people get it as “A” and "
                    "half as “B”: a test of the test."),
    )  # fmt: skip
    metric = forms.ChoiceField(label=_("Decide by"), choices=Experiment.Metric.choices)
    base_rate = PercentField(label=_("Rate today"), min_value=0, max_value=90, max_digits=5, decimal_places=2)
    difference = NumberField(
        label=_("Difference that matters"), min_value=5, max_value=900, initial=50, unit=_("% more"),
        help_text=_("Smaller differences take many more people."),
    )  # fmt: skip
    unit = forms.ChoiceField(label=_("Who gets the same"), choices=Experiment.Unit.choices)
    mode = forms.ChoiceField(label=_("How people are divided"), choices=Experiment.Mode.choices)
    takes_winner = forms.BooleanField(
        label=_("Use the winner for everyone else as soon as it is certain"), required=False
    )

    groups = (
        Group(("step", "factor", "name", "values", "metric")),
        Group(("base_rate", "difference"), _("How large a difference")),
        Group(("unit", "mode", "takes_winner"), _("How people are divided"), is_advanced=True),
    )

    def __init__(self, *args: Any, step: Step | None = None, factor: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = Step.objects.filter(campaign__state__in=CAMPAIGN.live, pack_version__isnull=False)
        chosen: Any = self.fields["step"]
        chosen.queryset = steps.select_related("campaign__stream", "pack_version").order_by("-campaign", "number")
        step = step or chosen.queryset.first()
        name = factor if factor in FACTORS else "variant"
        offered = FACTORS[name].offers(step) if step else {}
        first = list(offered)[: 2 if len(offered) > FEW else MOST_ARMS]
        if step:
            called = " / ".join(str(offered[value]) for value in first)
            self.initial = {"step": step.pk, "factor": name, "name": called, "values": first, **self.initial}
        values: Any = self.fields["values"]
        values.choices = list(offered.items())
        if step and not offered:
            values.help_text = FACTORS[name].nothing_offered
        if name == "playbook":
            self.initial.setdefault("metric", Experiment.Metric.BOOKED)
        self.initial.setdefault("base_rate", f"{usual_rate(Experiment.Metric.REPLIED) * 100:.4g}")

    def clean_values(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["values"]
        if not chosen:
            raise forms.ValidationError(_("Choose at least one."))
        if len(chosen) > MOST_ARMS:
            raise forms.ValidationError(_("Compare at most %(most)s of them.") % {"most": MOST_ARMS})
        return chosen * 2 if len(chosen) == 1 else chosen

    def plan(self) -> Plan:
        """The typed plan of a valid form."""
        data = self.cleaned_data
        return Plan(
            step=data["step"],
            name=data["name"],
            factor=data["factor"],
            values=data["values"],
            base_rate=float(data["base_rate"]) / 100,
            ratio=1 + data["difference"] / 100,
            metric=data["metric"],
            unit=data["unit"],
            mode=data["mode"],
            takes_winner=data["takes_winner"],
        )
