"""The brief editor's form: one declared list of controls for five factors, read into the settings of a brief."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from leads.qualification.expectations import Expectations
from leads.qualification.factors import NAMES
from leads.qualification.models import Brief
from leads.qualification.seniority import LEVELS
from leads.segments import builder


@dataclass(frozen=True)
class Control:
    """One input. `name` is the path of the setting."""

    name: str
    label: Any
    kind: str
    """`words`, `number`, `text`, `choice`, `checks`."""
    help: Any = ""
    options: tuple[tuple[str, Any], ...] = ()
    placeholder: str = ""


CONTROLS: dict[str, tuple[Control, ...]] = {
    "keywords": (
        Control("keywords.wanted", _("Positive words"), "words", _("Found in title, description, research and industry."), placeholder="fintech, платеж*"),
        Control("keywords.required", _("Required words"), "words"),
        Control("keywords.excluded", _("Excluded words"), "words"),
    ),
    "place": (
        Control("place.countries", _("Countries"), "words", _("Names or two-letter codes."), placeholder="Germany, KZ"),
        Control("place.cities", _("Cities"), "words"),
        Control("place.remote", _("Remote work"), "choice", options=(("", _("does not matter")), ("welcome", _("counts as the right place")), ("required", _("is required")))),
    ),
    "experience": (
        Control("experience.levels", _("Levels"), "checks", _("Taken from the title; one level apart counts half."), options=tuple(LEVELS.items())),
        Control("experience.skills", _("Skills"), "words"),
        Control("experience.years_from", _("Minimum years of experience"), "number"),
    ),
    "company": (
        Control("company.industries", _("Industries"), "words"),
        Control("company.employees_from", _("Employees, from"), "number"),
        Control("company.employees_to", _("Employees, to"), "number"),
        Control("company.is_sme", _("Small or medium-sized, according to the register"), "choice", options=(("", _("does not matter")), ("true", _("yes")), ("false", _("no")))),
    ),
    "pay": (
        Control("pay.minimum", _("Yearly pay, from"), "number"),
        Control("pay.maximum", _("Yearly pay, to"), "number"),
        Control("pay.currency", _("Currency"), "text", _("Three letters; empty: any."), placeholder="USD"),
    ),
}  # fmt: skip
HELP = {
    "keywords": _("What the profile should mention."),
    "place": _("Where the person is, or whether remote work is possible."),
    "experience": _("The person's seniority and skills."),
    "company": _("Size and industry of the company."),
    "pay": _("For listings that state pay; usually unknown for people."),
}


@dataclass
class BriefForm:
    """The state of the editor: texts by setting, however wrong they may be."""

    name: str = ""
    description: str = ""
    use_model: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, brief: Brief | None) -> BriefForm:
        form = cls()
        if brief is not None:
            form.name, form.description, form.use_model = brief.name, brief.description, brief.use_model
        settings = Expectations.model_validate(brief.factors if brief else {}).model_dump(mode="json")
        for factor, controls in CONTROLS.items():
            form.values[f"{factor}.weight"] = f"{settings[factor]['weight']:g}"
            for control in controls:
                form.values[control.name] = _shown(settings[factor][control.name.partition(".")[2]], control)
        form.values["minimum_coverage"] = f"{100 * settings['minimum_coverage']:g}"
        form.values["threshold"] = f"{100 * settings['threshold']:g}"
        return form

    @classmethod
    def read(cls, posted: QueryDict) -> BriefForm:
        form = cls(posted.get("name", ""), posted.get("description", ""), posted.get("use_model") == "on")
        for factor, controls in CONTROLS.items():
            form.values[f"{factor}.weight"] = posted.get(f"{factor}.weight", "")
            for control in controls:
                is_list = control.kind == "checks"
                form.values[control.name] = posted.getlist(control.name) if is_list else posted.get(control.name, "")
        for name in ("minimum_coverage", "threshold"):
            form.values[name] = posted.get(name, "")
        return form

    def factors(self, stored: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The settings; what the form cannot show (a circle on the map) is kept from `stored`."""
        result: dict[str, Any] = {}
        for factor, controls in CONTROLS.items():
            settings: dict[str, Any] = {}
            if weight := self.values[f"{factor}.weight"].strip():
                settings["weight"] = _number(weight)
            for control in controls:
                value = _read(self.values[control.name], control)
                if value not in (None, "", []):
                    settings[control.name.partition(".")[2]] = value
            result[factor] = settings
        if stored and stored.get("place", {}).get("near"):
            result["place"]["near"] = stored["place"]["near"]
        for name in ("minimum_coverage", "threshold"):
            if text := self.values[name].strip():
                value = _number(text)
                result[name] = value / 100 if isinstance(value, int | float) else value
        return result

    def place_error(self, path: str, reason: str) -> None:
        """Put an error at the control that it is about."""
        name = re.sub(r"\[\d+\].*$", "", path)
        known = name in self.values or name in {"name", "description"}
        self.errors[name if known else f"{name.partition('.')[0]}.weight" if name.partition(".")[0] in CONTROLS else "form"] = reason  # fmt: skip

    def sections(self) -> list[dict[str, Any]]:
        """What the page draws: a section a factor with its weight and controls."""
        return [
            {
                "name": factor,
                "label": _(NAMES[factor]),
                "help": HELP[factor],
                "weight": {"name": f"{factor}.weight", "value": self.values[f"{factor}.weight"], "error": self.errors.get(f"{factor}.weight", "")},
                "controls": [{"control": c, "value": self.values[c.name], "error": self.errors.get(c.name, "")} for c in controls],
            }
            for factor, controls in CONTROLS.items()
        ]  # fmt: skip

    @property
    def bars(self) -> list[dict[str, Any]]:
        labels = {
            "threshold": (_("Minimum score to qualify, %"), _("A lower score doesn't qualify.")),
            "minimum_coverage": (
                _("Minimum share known, %"),
                _("If less of the total weight is known, there is no grade and no answer."),
            ),
        }
        return [
            {"name": n, "label": label, "help": text, "value": self.values[n], "error": self.errors.get(n, "")}
            for n, (label, text) in labels.items()
        ]


def _read(raw: Any, control: Control) -> Any:
    if control.kind == "checks":
        return list(raw)
    text = raw.strip()
    if control.kind == "words":
        return builder.split(text)
    if control.kind == "number":
        return _number(text) if text else None
    if control.name == "company.is_sme":
        return {"true": True, "false": False}.get(text)
    return text


def _shown(value: Any, control: Control) -> Any:
    if control.kind == "checks":
        return list(value)
    if control.kind == "words":
        return builder.join(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, int | float) else value


def _number(text: str) -> Any:
    cleaned = text.replace(" ", "").replace("\u00a0", "").replace(",", ".")
    try:
        return int(cleaned)
    except ValueError:
        pass
    try:
        return float(cleaned)
    except ValueError:
        return text
