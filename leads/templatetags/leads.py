"""Codes by name: countries, languages, industries."""

from __future__ import annotations

from django import template

from leads import names

register = template.Library()
register.filter("country_name", names.country_name)
register.filter("language_name", names.language_name)
register.simple_tag(names.countries, name="countries")
register.simple_tag(names.languages, name="languages")
