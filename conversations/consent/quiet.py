"""Quiet hours: which rules hold for a text message to a recipient, by country and state. Pure.

The address and the number may speak for two states: then the rules of both hold. An American whose state nobody knows
gets the narrowest hours of all. Hours are policy numbers (`delivery.quiet_hours` in outreach.toml).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conversations.consent.regions import state_of_phone, state_of_region
from outreach.limits.calendars import Window
from outreach.limits.openings import common_hours, parse_hours

UNKNOWN_STATE = "US-?"


@dataclass(frozen=True)
class QuietRule:
    """`names` are the rules that were put together, `hours` what is left of the day; empty hours never open."""

    names: tuple[str, ...]
    hours: tuple[Window, ...]

    def __str__(self) -> str:
        return " + ".join(self.names)


def rule_for(
    *,
    default: str,
    rules: Mapping[str, str],
    country: str = "",
    region: str = "",
    phone: str = "",
    phone_country: str = "",
) -> QuietRule:
    """The hours in which a text message may arrive there: the default and every rule that may apply."""
    countries = {code.upper() for code in (country, phone_country) if code}
    names = [code for code in sorted(countries) if code in rules]
    states: set[str] = set()
    if "US" in countries:
        by_region = state_of_region(region) if country.upper() in ("US", "") else ""
        states = {state for state in (by_region, state_of_phone(phone)) if state}
        names += [f"US-{state}" for state in sorted(states) if f"US-{state}" in rules]
    elif country and region and f"{country.upper()}-{region.upper()}" in rules:
        names.append(f"{country.upper()}-{region.upper()}")
    hours = [parse_hours(default), *(parse_hours(rules[name]) for name in names)]
    if "US" in countries and not states:
        hours += [parse_hours(text) for name, text in rules.items() if name.startswith("US-")]
        names.append(UNKNOWN_STATE)
    return QuietRule(("default", *names), common_hours(hours))
