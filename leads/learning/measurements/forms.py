"""What is to be measured: an uploaded history, or a generated world."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, gettext_noop

from leads.learning.models import MeasurementKind

WORLDS = {
    "drift": gettext_noop("What matters changes"),
    "stable": gettext_noop("Nothing changes"),
    "cold": gettext_noop("Cold start"),
}


class HistoryForm(forms.Form):
    """A CSV file with one row per lead and its outcome."""

    kind = forms.ChoiceField(label=gettext_lazy("Measure"), choices=MeasurementKind.choices)
    file = forms.FileField(label=gettext_lazy("CSV file"), help_text=gettext_lazy("One row per lead, at most 20 MB"))
    target = forms.CharField(
        label=gettext_lazy("Column with the outcome"),
        max_length=200,
        help_text=gettext_lazy("Two values, such as 1 and 0 or yes and no"),
    )
    time = forms.CharField(
        label=gettext_lazy("Column with the date"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Learn from earlier rows, measure on later ones"),
    )
    text = forms.CharField(
        label=gettext_lazy("Column with the text"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only for labels: what people read to decide, such as a profile"),
    )
    exclude = forms.CharField(
        label=gettext_lazy("Columns to leave out"),
        max_length=2_000,
        required=False,
        help_text=gettext_lazy("Separated by commas"),
    )

    def options(self) -> dict[str, Any]:
        """Target, time, text and the names of excluded columns."""
        names = [name.strip() for name in self.cleaned_data["exclude"].split(",") if name.strip()]
        return {**{name: self.cleaned_data[name].strip() for name in ("target", "time", "text")}, "exclude": names}


class WorldForm(forms.Form):
    """A generated world to compare policies in."""

    world = forms.ChoiceField(
        label=gettext_lazy("World"), choices=[(code, gettext_lazy(text)) for code, text in WORLDS.items()]
    )
    seed = forms.IntegerField(label=gettext_lazy("Seed"), min_value=0, max_value=1_000_000, initial=1)
