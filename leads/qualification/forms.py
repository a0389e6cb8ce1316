"""The brief editor's form: a field for each setting of the five factors, named by its path (`place.countries`).

The settings are checked by `expectations`, not here: the form is tried on people while it is half filled in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.names import country_name
from leads.qualification.expectations import Expectations
from leads.qualification.models import Brief
from leads.qualification.seniority import LEVELS
from leads.segments import builder
from outreach.core.forms import Group

FACTORS = ("keywords", "place", "experience", "company", "pay")
COMMAS = _("Separate with commas.")
DOES_NOT_MATTER = ("", _("does not matter"))


class WordsField(forms.CharField):
    """Words separated by commas; what the settings hold is a list."""

    def __init__(self, label: Any, *, placeholder: Any = "", help_text: Any = COMMAS) -> None:
        widget = forms.TextInput(attrs={"placeholder": placeholder, "autocomplete": "off"})
        super().__init__(label=label, required=False, widget=widget, help_text=help_text)

    def shown(self, value: list[str]) -> str:
        return builder.join(value)

    def setting(self, text: str) -> list[str]:
        return builder.split(text)


class CountriesField(WordsField):
    """Countries by name in the viewer's language; what the settings hold are their codes."""

    def shown(self, value: list[str]) -> str:
        return builder.join([country_name(code) for code in value])


class FigureField(forms.CharField):
    """A number, or whatever was typed in its place: the settings say what is wrong with it."""

    def __init__(self, label: Any, *, unit: Any = "", help_text: Any = "", percent: bool = False) -> None:
        widget = forms.NumberInput(attrs={"min": 0, "step": "any", "autocomplete": "off"})
        super().__init__(label=label, required=False, widget=widget, help_text=help_text)
        self.unit, self.factor = unit, 100 if percent else 1

    def shown(self, value: float | None) -> str:
        return "" if value is None else f"{value * self.factor:.10g}"

    def setting(self, text: str) -> Any:
        value = _number(text)
        return value / self.factor if self.factor != 1 and isinstance(value, int | float) else value


class AnswerField(forms.ChoiceField):
    """One answer out of a few; an empty one is not asked about."""

    def __init__(self, label: Any, *choices: tuple[str, Any]) -> None:
        super().__init__(label=label, required=False, choices=[DOES_NOT_MATTER, *choices])

    def shown(self, value: Any) -> str:
        return str(value)

    def setting(self, text: str) -> Any:
        return text


class YesNoField(AnswerField):
    def __init__(self, label: Any) -> None:
        super().__init__(label, ("true", _("yes")), ("false", _("no")))

    def shown(self, value: Any) -> str:
        return "" if value is None else str(value).lower()

    def setting(self, text: str) -> bool | None:
        return {"true": True, "false": False}.get(text)


class CurrencyField(FigureField):
    def __init__(self) -> None:
        super().__init__(_("Currency"), help_text=_("Three letters, for example EUR. Empty: any."))
        self.widget = forms.TextInput(attrs={"placeholder": "USD", "maxlength": 3, "autocomplete": "off"})

    def shown(self, value: Any) -> str:
        return str(value)

    def setting(self, text: str) -> str:
        return text


class LevelsField(forms.MultipleChoiceField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Levels"),
            required=False,
            choices=[(name, _(label)) for name, label in LEVELS.items()],
            widget=forms.CheckboxSelectMultiple,
            help_text=_("Taken from the title; one level apart counts half."),
        )

    def shown(self, value: list[str]) -> list[str]:
        return list(value)

    def setting(self, value: list[str]) -> list[str]:
        return list(value)


def _weight(label: Any) -> FigureField:
    return FigureField(label, unit=_("points"))


SETTINGS: dict[str, Any] = {
    "keywords.wanted": WordsField(
        _("Positive keywords"),
        placeholder="fintech, платеж*",
        help_text=_("Found in title, description, research and industry. Separate with commas."),
    ),
    "keywords.excluded": WordsField(_("Negative keywords")),
    "experience.levels": LevelsField(),
    "place.countries": CountriesField(
        _("Countries"), placeholder=_("Germany, Austria"), help_text=_("By name. Separate with commas.")
    ),
    "company.industries": WordsField(_("Industries")),
    "company.employees_from": FigureField(_("Company size, from"), unit=_("people")),
    "company.employees_to": FigureField(_("Company size, to"), unit=_("people")),
    "keywords.required": WordsField(_("Required words"), help_text=_("Without one of these the answer is no.")),
    "experience.skills": WordsField(_("Skills")),
    "experience.years_from": FigureField(_("Experience, at least"), unit=_("years")),
    "place.cities": WordsField(_("Cities")),
    "place.within_km": FigureField(
        _("Or within so far of them"), unit=_("km"), help_text=_("By the distance between city centres.")
    ),
    "place.remote": AnswerField(
        _("Remote work"), ("welcome", _("counts as the right place")), ("required", _("is required"))
    ),
    "company.is_sme": YesNoField(_("Small or medium-sized, according to the register")),
    "pay.minimum": FigureField(_("Pay, from"), unit=_("a year")),
    "pay.maximum": FigureField(_("Pay, to"), unit=_("a year")),
    "pay.currency": CurrencyField(),
    "threshold": FigureField(
        _("Minimum score to qualify"), unit="%", help_text=_("A lower score doesn't qualify."), percent=True
    ),
    "minimum_coverage": FigureField(
        _("Minimum share known"),
        unit="%",
        help_text=_("If less of the total weight is known, there is no grade and no answer."),
        percent=True,
    ),
    "keywords.weight": _weight(_("Weight of keywords")),
    "place.weight": _weight(_("Weight of place")),
    "experience.weight": _weight(_("Weight of experience")),
    "company.weight": _weight(_("Weight of company")),
    "pay.weight": _weight(_("Weight of pay")),
}
"""Path → field, in the order of the page."""
_NAMES = tuple(SETTINGS)


class BriefForm(forms.Form):
    """A brief as it is being written: texts by setting, however wrong they may be."""

    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    description = forms.CharField(
        label=_("Who we are looking for"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the language model and for people who read the verdicts."),
    )
    use_model = forms.BooleanField(
        label=_("Let a language model decide after the rules"),
        required=False,
        help_text=_("Without a model, or if it doesn't answer, the rules decide and the verdict says so."),
    )
    decides_alone = forms.BooleanField(
        label=_("Let the learner decide alone where it is sure"),
        required=False,
        help_text=_(
            "It learns from your answers, needs at least 50 of them and stops itself when it is wrong too often."
        ),
    )
    promised_error = forms.FloatField(
        label=_("Wrong decisions of the learner, at most"),
        required=False,
        min_value=0.5,
        max_value=30,
        widget=forms.NumberInput(attrs={"step": "any"}),
        help_text=_("In percent. One decision in ten is checked by a person or the language model."),
    )

    needed = ("name",)
    after_first_part = "leads/qualification/_propose.html"
    groups = (
        Group(("name", "description")),
        Group(_NAMES[:7], _("What fits"), _("What you leave empty is not asked about.")),
        Group(("threshold", "use_model", "decides_alone"), _("When they qualify")),
        Group(
            (*_NAMES[7:17], "minimum_coverage", *_NAMES[19:], "promised_error"),
            _("Advanced"),
            _("skills, cities, pay, the weight of each part"),
            is_advanced=True,
        ),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, brief: Brief | None = None) -> None:
        super().__init__(data, auto_id="%s", initial=_initial(brief))
        self.fields.update(deepcopy(SETTINGS))

    def factors(self, stored: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The settings; what the form cannot show (a circle on the map) is kept from `stored`."""
        result: dict[str, Any] = {factor: {} for factor in FACTORS}
        for path, field in SETTINGS.items():
            given = self[path].value()
            value = field.setting(given) if given else None
            factor, _dot, name = path.rpartition(".")
            if value not in (None, "", []):
                (result[factor] if factor else result)[name] = value
        if stored and stored.get("place", {}).get("near"):
            result["place"]["near"] = stored["place"]["near"]
        return result

    @classmethod
    def filled(cls, form: BriefForm, factors: Mapping[str, Any]) -> BriefForm:
        """The form as it was written, with the settings of `factors` in place of its own; weights and bars stay."""
        data = {name: form[name].value() for name in form.fields}
        for path, field in SETTINGS.items():
            part, _dot, name = path.rpartition(".")
            if part and name != "weight":
                data[path] = field.shown(factors[part][name])
        return cls(data)

    def summary(self) -> list[tuple[str, str]]:
        """What is asked for, as (label, words): to be read over and corrected."""
        rows = []
        for path, field in SETTINGS.items():
            value = self[path].value()
            if "." not in path or path.endswith(".weight") or not value:
                continue
            if isinstance(value, list):
                value = ", ".join(str(_(LEVELS[level])) for level in value if level in LEVELS)
            rows.append((str(field.label), str(dict(getattr(field, "choices", ())).get(value, value))))
        return rows

    def place_error(self, path: str, reason: str) -> None:
        """Put an error at the field that it is about."""
        name = re.sub(r"\[\d+\].*$", "", path)
        if name not in self.fields:
            name = f"{name.partition('.')[0]}.weight"
        self.add_error(name if name in self.fields else None, reason)


def _initial(brief: Brief | None) -> dict[str, Any]:
    stored = Expectations.model_validate(brief.factors if brief else {}).model_dump(mode="json")
    shown = {
        path: field.shown(stored[path.partition(".")[0]][path.partition(".")[2]] if "." in path else stored[path])
        for path, field in SETTINGS.items()
    }
    if brief is None:
        return shown | {"decides_alone": True, "promised_error": 5}
    return shown | {
        "name": brief.name,
        "description": brief.description,
        "use_model": brief.use_model,
        "decides_alone": brief.decides_alone,
        "promised_error": round(100 * brief.promised_error, 2),
    }


def _number(text: str) -> Any:
    cleaned = text.replace(" ", "").replace("\u00a0", "").replace(",", ".")
    for kind in (int, float):
        try:
            return kind(cleaned)
        except ValueError:
            continue
    return text
