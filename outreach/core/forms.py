"""The one way in which forms are drawn: `{{ form }}`, or `{{ form.name.as_field_group }}` for a single field.

A form may say more than Django asks for: `groups` puts its fields under headings, `needed` names the fields that the
server requires although Django does not (a step needs a sender unless it is a task). A number may have a `unit`.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Text = str | Promise
MOMENT = "%Y-%m-%dT%H:%M"
"""How browsers write a date with a time."""
DAYS = [(str(number), name) for number, name in WEEKDAYS.items()]


class DesignField(BoundField):
    """A field that knows how it is marked."""

    @property
    def is_needed(self) -> bool:
        """Whether the server refuses the form without it."""
        return self.field.required or self.name in getattr(self.form, "needed", ())

    @property
    def _is_text(self) -> bool:
        widget = self.field.widget
        return isinstance(widget, forms.Textarea | forms.widgets.Input) and not isinstance(widget, forms.CheckboxInput)

    @property
    def is_marked(self) -> bool:
        """Whether to mark it as needed: one that always has a value needs no mark."""
        choices = list(getattr(self.field, "choices", ()))[:1]
        return self.is_needed and (self._is_text or self.use_fieldset or bool(choices and choices[0][0] in ("", None)))

    @property
    def is_optional(self) -> bool:
        """Whether it may be left empty. Boxes and lists always have a value, so the word would say nothing there."""
        return self._is_text and not self.is_needed and not self.field.disabled

    @property
    def unit(self) -> Text:
        """What stands behind the input: the field's own unit, or the viewer's zone behind a date with a time."""
        if isinstance(self.field, forms.DateTimeField):
            return zone_name(timezone.get_current_timezone_name())
        return getattr(self.field, "unit", "")

    @property
    def target(self) -> str:
        """The id that a link to this field leads to."""
        return self.id_for_label or self.auto_id

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        used = widget or self.field.widget
        if self.is_needed and not self.field.required and not self.use_fieldset:
            attrs["aria-required"] = "true"
        if isinstance(used, forms.Select) and not isinstance(used, forms.SelectMultiple):
            attrs.setdefault("data-search", "")
        return attrs


class DesignRenderer(TemplatesSetting):
    """`settings.FORM_RENDERER`; the templates are in `templates/core/forms/`."""

    form_template_name = "core/forms/form.html"
    field_template_name = "core/forms/field.html"
    bound_field_class = DesignField


class NumberField(forms.IntegerField):
    """A whole number with its unit behind the input."""

    def __init__(self, *, unit: Text = "", **options: Any) -> None:
        super().__init__(**options)
        self.unit = unit


def zone_note() -> str:
    """In which zone the times of a form are meant."""
    return gettext("In your time zone, %(zone)s.") % {"zone": zone_name(timezone.get_current_timezone_name())}


class MomentInput(forms.DateTimeInput):
    """Picks a date and a time from now on; a past one that is there already may stay."""

    input_type = "datetime-local"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        widget, now = context["widget"], timezone.localtime().strftime(MOMENT)
        widget["attrs"]["min"] = min(now, widget["value"] or now)
        return context


class MomentField(forms.DateTimeField):
    """A date with a time in the viewer's zone, which is told beside it."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", lazy(zone_note, str)())
        formats = [MOMENT, "%Y-%m-%d %H:%M", "%Y-%m-%d"]
        super().__init__(widget=MomentInput(format=MOMENT), input_formats=formats, **options)


@cache
def zones() -> tuple[str, ...]:
    """The time zones that people choose from, without historic and technical names."""
    areas = {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
    return ("UTC", *sorted(zone for zone in zoneinfo.available_timezones() if zone.partition("/")[0] in areas))


def zone_name(zone: str) -> str:
    """`America/New_York` as `America/New York`."""
    return zone.replace("_", " ")


class OpenChoiceField(forms.ChoiceField):
    """A choice whose list also holds the value that a row has already, so that saving the form never changes it."""

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        bound = super().get_bound_field(form, field_name)
        value, offered = bound.value(), list(self.widget.choices)
        if value and value not in {choice for choice, _label in offered}:
            self.choices = [*offered, (value, value)]
        return bound


class ZoneField(OpenChoiceField):
    """A time zone from a list that can be searched. `empty_label`: what it means to choose none."""

    def __init__(self, *, empty_label: Text = "", **options: Any) -> None:
        options.setdefault("error_messages", {"invalid_choice": _("Unknown time zone “%(value)s”.")})
        super().__init__(**options)
        self.choices = [*([("", empty_label)] if empty_label else []), *((zone, zone_name(zone)) for zone in zones())]

    def valid_value(self, value: str) -> bool:
        return super().valid_value(value) or value in zoneinfo.available_timezones()


@dataclass(frozen=True)
class Group:
    """Fields under one heading. `is_advanced`: folded away, but for one that holds an error."""

    names: tuple[str, ...]
    title: Text = ""
    help: Text = ""
    is_advanced: bool = False


@dataclass(frozen=True)
class Part:
    """A group with the fields that one form has of it."""

    group: Group
    fields: list[BoundField]

    @property
    def has_errors(self) -> bool:
        return any(field.errors for field in self.fields)


def parts(form: forms.BaseForm) -> list[Part]:
    """The visible fields of `form` by its groups; a field that no group names stands in the first one."""
    groups: Iterable[Group] = getattr(form, "groups", None) or (Group(()),)
    named = {name for group in groups for name in group.names}
    loose = tuple(name for name in form.fields if name not in named)
    found = []
    for number, group in enumerate(groups):
        names = (*group.names, *loose) if number == 0 else group.names
        fields = [form[name] for name in names if name in form.fields and not form[name].is_hidden]
        if fields:
            found.append(Part(group, fields))
    return found


@dataclass(frozen=True)
class Fault:
    """One line of the summary above a form. `target` is the id of the input, empty for a fault of the whole form."""

    text: str
    label: Text = ""
    target: str = ""


def faults(*given: Any) -> Iterator[Fault]:
    """The faults of forms and formsets in the order of their fields."""
    for item in given:
        if isinstance(item, forms.BaseFormSet):
            yield from (Fault(str(error)) for error in item.non_form_errors())
            yield from faults(*item.forms)
        elif item is not None and item.is_bound and item.errors:
            title = getattr(item, "title", "")
            yield from (Fault(str(error), title) for error in item.non_field_errors())
            for field in item:
                label = " ".join(str(part) for part in (title, field.label) if part)
                target = "" if field.is_hidden else field.target
                yield from (Fault(str(error), label, target) for error in field.errors)
