"""Menus of the filter builder and criteria in words."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from leads.segments import forms, schema, wording
from leads.segments.builder import Row
from outreach.core.errors import Invalid

register = template.Library()


@register.simple_tag
def field_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    return forms.field_groups()


@register.simple_tag
def operator_options(row: Row) -> list[tuple[str, str]]:
    return forms.operator_options(row)


@register.filter
def menu_name(row: Row) -> str:
    """The entry of the field menu for `row`: attributes share one."""
    noun, _dot, rest = row.field.partition(".")
    return f"{noun}.attributes" if rest.partition(".")[0] == "attributes" else row.field


@register.filter
def attribute_key(row: Row) -> str:
    return row.field.split(".", 2)[2] if row.field.count(".") >= 2 else ""


@register.filter
def field_help(row: Row) -> str:
    meta = row.meta
    return _(meta.help) if meta and meta.help else ""


@register.filter
def placeholder(row: Row) -> str:
    meta = row.meta
    return _(meta.example) if meta and meta.example else ""


@register.filter
def entry(mapping: dict[str, Any], key: str) -> Any:
    """`mapping[key]`, or nothing."""
    return mapping.get(key, [])


@register.filter
def in_words(criteria: dict[str, Any]) -> list[wording.Line]:
    """Criteria as indented lines in the viewer's language."""
    try:
        return wording.lines(schema.parse(criteria), _)
    except Invalid as error:
        return [wording.Line(0, str(error), is_group=False)]
