"""Codes by name: countries, languages, industries."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from leads import names

register = template.Library()
register.filter("country_name", names.country_name)
register.filter("place_name", names.place_name)
register.filter("language_name", names.language_name)
register.simple_tag(names.countries, name="countries")
register.simple_tag(names.languages, name="languages")


@register.filter
def entry_at(row: Sequence[str], place: int) -> str:
    """The entry of a list at `place`, or nothing."""
    return row[place] if place < len(row) else ""
