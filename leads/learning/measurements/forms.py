"""What is to be measured: an uploaded history, or a generated world."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.learning.models import MeasurementKind

MOST_MEGABYTES = 20
WORLDS = [
    ("drift", gettext_lazy("What matters changes")),
    ("stable", gettext_lazy("Nothing changes")),
    ("cold", gettext_lazy("Cold start")),
]


class HistoryForm(forms.Form):
    """A CSV file with one row per lead and its outcome."""

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
    exclude = forms.CharField(
        label=gettext_lazy("Columns to leave out"),
        max_length=2_000,
        required=False,
        help_text=gettext_lazy("Separated by commas"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Measure"), choices=MeasurementKind.choices)

    def clean_file(self) -> Any:
        """Bounded: what is read here stays in the database until it is measured."""
        file = self.cleaned_data["file"]
        if file.size > MOST_MEGABYTES * 1_000_000:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Measure it with the command “learn evaluate”.")
                % {"most": MOST_MEGABYTES}
            )
        return file

    def options(self) -> dict[str, Any]:
        """Target, time and the names of excluded columns."""
        names = [name.strip() for name in self.cleaned_data["exclude"].split(",") if name.strip()]
        return {
            "target": self.cleaned_data["target"].strip(),
            "time": self.cleaned_data["time"].strip(),
            "exclude": names,
        }


class WorldForm(forms.Form):
    """A generated world to compare policies in."""

    world = forms.ChoiceField(label=gettext_lazy("World"), choices=WORLDS)
    seed = forms.IntegerField(label=gettext_lazy("Seed"), min_value=0, max_value=1_000_000, initial=1)
