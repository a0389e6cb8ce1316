"""An adapter's typed fields, from which the sender form and its checks derive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise

from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

Text = str | Promise


@dataclass(frozen=True)
class Field:
    """One setting or credential. A `key` is a secret of several lines. `choices` are (value, label) pairs of a `choice`; `minimum` and `maximum` of an `integer`."""

    name: str
    label: Text
    type: Literal["text", "integer", "boolean", "choice", "secret", "key"] = "text"
    required: bool = False
    default: Any = ""
    help: Text = ""
    choices: tuple[tuple[str, Text], ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    section: Text = ""
    """The heading under which the form shows it; empty: with the connection itself."""


@dataclass(frozen=True)
class AdapterInfo:
    """How an adapter shows itself before any account exists."""

    name: str
    label: Text
    channels: tuple[str, ...]
    is_simulated: bool = False
    """Whether it reaches reserved addresses, and nothing else; see `outreach.core.addresses.is_reserved`."""
    has_webhook: bool = False
    """Whether the carrier calls `webhooks/<name>/<sender>` (a `webhook.py` in its folder)."""
    settings: tuple[Field, ...] = ()
    credentials: tuple[Field, ...] = ()

    def value(self, settings: Mapping[str, Any], name: str) -> Any:
        """The setting `name`, or its default when it is missing or empty."""
        field = next(field for field in self.settings if field.name == name)
        given = settings.get(name)
        return field.default if given is None or given == "" else given


def check(fields: tuple[Field, ...], values: Mapping[str, Any]) -> None:
    """Raise `Invalid(field, reason)` for the first value that is missing, unknown or of the wrong kind."""
    known = {field.name for field in fields}
    for name in values:
        if name not in known:
            raise Invalid(name, _("This kind of sender has no such field."), code="unknown_field")
    for field in fields:
        _check_one(field, values.get(field.name))


def _check_one(field: Field, value: Any) -> None:
    if value is None or value == "":
        if field.required:
            raise Invalid(field.name, _("“%(field)s” is required.") % {"field": field.label}, code="missing")
        return
    if field.type == "boolean":
        if not isinstance(value, bool):
            raise Invalid(field.name, _("“%(field)s” must be yes or no.") % {"field": field.label}, code="wrong_type")
    elif field.type == "integer":
        _check_integer(field, value)
    elif field.type == "key":
        if not isinstance(value, str) or len(value) > 20_000:
            raise Invalid(field.name, _("“%(field)s” must be text.") % {"field": field.label}, code="wrong_type")
    elif not isinstance(value, str) or any(ord(character) < 32 for character in value):
        raise Invalid(
            field.name, _("“%(field)s” must be a single line of text.") % {"field": field.label}, code="wrong_type"
        )
    elif field.type == "choice" and value not in {choice for choice, _label in field.choices}:
        offered = ", ".join(choice for choice, _label in field.choices)
        raise Invalid(
            field.name,
            _("“%(field)s” must be one of: %(choices)s.") % {"field": field.label, "choices": offered},
            code="wrong_choice",
        )


def _check_integer(field: Field, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid(field.name, _("“%(field)s” must be a whole number.") % {"field": field.label}, code="wrong_type")
    if (field.minimum is not None and value < field.minimum) or (field.maximum is not None and value > field.maximum):
        raise Invalid(
            field.name,
            _("“%(field)s” must be between %(minimum)s and %(maximum)s.")
            % {"field": field.label, "minimum": field.minimum, "maximum": field.maximum},
            code="out_of_range",
        )
