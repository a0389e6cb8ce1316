"""An agent's features, steps and actions in words; the codes are those of the specification and of the API."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy, pgettext_lazy

register = template.Library()

NAMES = {
    "salary_range": gettext_lazy("Pay"),
    "keyword_match_ratio": gettext_lazy("Keywords"),
    "location_type": gettext_lazy("Place"),
    "company_size": gettext_lazy("Company size"),
    "posting_age": gettext_lazy("Age of the posting"),
    "unknown": gettext_lazy("unknown"),
    "below": pgettext_lazy("pay", "below what is asked"),
    "partly": pgettext_lazy("pay", "partly in range"),
    "within": pgettext_lazy("pay", "in range"),
    "low": pgettext_lazy("share of keywords", "few found"),
    "high": pgettext_lazy("share of keywords", "most found"),
    "remote": gettext_lazy("remote"),
    "preferred": pgettext_lazy("place", "as preferred"),
    "elsewhere": gettext_lazy("elsewhere"),
    "small": pgettext_lazy("company", "small"),
    "large": pgettext_lazy("company", "large"),
    "week": gettext_lazy("under a week"),
    "month": gettext_lazy("under a month"),
    "older": gettext_lazy("older"),
    "qualify_high": pgettext_lazy("what to do with a lead", "Qualify first"),
    "qualify_medium": pgettext_lazy("what to do with a lead", "Qualify"),
    "qualify_low": pgettext_lazy("what to do with a lead", "Qualify last"),
    "skip": pgettext_lazy("what to do with a lead", "Skip"),
}

MEDIUM = {
    "keyword_match_ratio": pgettext_lazy("share of keywords", "some found"),
    "company_size": pgettext_lazy("company", "medium"),
}
"""The one step that several features share by its code."""


@register.filter
def step_of(code: str, feature: str) -> str:
    """The words for a feature's step."""
    return str(MEDIUM.get(feature, code)) if code == "medium" else named(code)


@register.filter
def named(code: str) -> str:
    """The words for a code; a code of another release as it is."""
    return str(NAMES.get(code, code))
