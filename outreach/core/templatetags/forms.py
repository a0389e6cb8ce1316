"""What the form templates need: `{% load forms %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BaseForm

from outreach.core.forms import Group, Part, faults, parts

register = template.Library()


FEW = 2
"""So many folded groups stand by themselves; more of them are folded together once again."""


@register.simple_tag
def form_parts(form: BaseForm) -> dict[str, Any]:
    """The groups of a form with their fields: those in sight, and the folded ones below."""
    found = parts(form)
    folded = [part for part in found if part.group.is_advanced]
    return {
        "shown": [part for part in found if not part.group.is_advanced],
        "folded": folded,
        "is_folded_twice": len(folded) > FEW,
        "has_folded_errors": any(part.has_errors for part in folded),
    }


@register.inclusion_tag("core/forms/summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """Every fault of some forms and formsets, each with a link to its field; nothing when there is none."""
    return {"faults": list(faults(*forms))}


@register.inclusion_tag("core/forms/part.html")
def advanced(form: BaseForm, *names: str, title: str = "", help: str = "") -> dict[str, Any]:  # noqa: A002
    """Some fields of a form that a page lays out itself, folded away until one of them holds an error."""
    fields = [form[name] for name in names if name in form.fields]
    return {"part": Part(Group(names, title, help, is_advanced=True), fields)}
