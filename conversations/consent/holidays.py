"""Public holidays of a country or of one of its parts, from the library `holidays`. Pure but for its cache."""

from __future__ import annotations

import functools
from datetime import date

from outreach.limits.openings import NEVER_CLOSED, ClosedDay


@functools.lru_cache(maxsize=256)
def closed_days(country: str, region: str = "") -> tuple[str, ClosedDay]:
    """The calendar's name (`DE-BY`) and the function that says which holiday a date is; an unknown country has none.

    A part is found by its code or its name; when it is not known, only what is free in the whole country counts.
    """
    import holidays

    code = country.strip().upper()
    supported = holidays.list_supported_countries()
    if code not in supported:
        return "", NEVER_CLOSED
    part = _part(code, region, supported[code])
    name = f"{code}-{part}" if part else code

    @functools.lru_cache(maxsize=16)
    def of_year(year: int) -> dict[date, str]:
        return dict(holidays.country_holidays(code, subdiv=part or None, years=[year]).items())

    return name, lambda day: of_year(day.year).get(day, "")


def _part(country: str, region: str, codes: list[str]) -> str:
    import holidays

    text = region.strip()
    if not text:
        return ""
    if text.upper().removeprefix(f"{country}-") in codes:
        return text.upper().removeprefix(f"{country}-")
    from conversations.consent.regions import state_of_region

    if country == "US":
        return state_of_region(text)
    aliases = holidays.country_holidays(country).get_subdivision_aliases()
    return next((code for code, names in aliases.items() if text.lower() in {name.lower() for name in names}), "")
