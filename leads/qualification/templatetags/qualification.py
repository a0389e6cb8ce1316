"""Verdicts on pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from leads.qualification import selectors
from leads.qualification.factors import NAMES
from leads.qualification.models import Verdict
from outreach.core import numbers

register = template.Library()

_FLAGS = {
    "not_enough_information": "Not enough is known",
    "model_unavailable": "No language model could be asked; the rules decided",
    "excluded_keyword": "Contains a word that rules it out",
    "required_keyword_missing": "A required word is missing",
    "learner_check": "The learner is sure; your answer checks it",
    "instructions_in_profile": "The profile contains instructions to the judge",
}


@register.filter
def factor_rows(verdict: Verdict) -> list[dict[str, Any]]:
    """The factors of a verdict: label, percent, sentences in the viewer's language."""
    return selectors.factor_rows(verdict.factors)


@register.filter
def nearest_labels(verdict: Verdict) -> list[dict[str, Any]]:
    """What a learner's verdict rests on."""
    return selectors.nearest_labels(verdict.factors)


@register.filter
def flag_label(flag: str) -> str:
    """A flag in words; flags of models are shown as they are."""
    if flag.startswith("unknown_") and flag.removeprefix("unknown_") in NAMES:
        return _("Not known: %(factor)s") % {"factor": _(NAMES[flag.removeprefix("unknown_")])}
    return _(_FLAGS[flag]) if flag in _FLAGS else flag


@register.filter
def percent(value: float | None) -> str:
    return "—" if value is None else numbers.percent(value, 0)
