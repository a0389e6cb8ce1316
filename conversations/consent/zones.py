"""In which time zones a recipient may be. Pure.

The first source that says anything decides: the lead's own zone, the city within the country, the state (USA), the
phone number's area, the country. Several zones mean that we do not know which, and that a window has to be open in all of them.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping, Sequence
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conversations.consent.regions import STATE_ZONES, state_of_region


def recipient_zones(
    *, time_zone: str = "", phone: str = "", country: str = "", city: str = "", region: str = ""
) -> tuple[str, ...]:
    """IANA names in which the recipient may be, most likely first; empty when nothing is known."""
    if _is_zone(time_zone):
        return (time_zone,)
    by_city = _zone_of_city(city, country)
    if by_city:
        return (by_city,)
    if country.upper() == "US" and (state := state_of_region(region)):
        return STATE_ZONES[state]
    return _zones_of_phone(phone) or country_zones().get(country.upper(), ())


def _is_zone(name: str) -> bool:
    if not name:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _zones_of_phone(phone: str) -> tuple[str, ...]:
    if not phone:
        return ()
    import phonenumbers
    from phonenumbers import timezone

    try:
        names = timezone.time_zones_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(name for name in names if _is_zone(name) and not name.startswith("Etc/"))


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "_").replace("-", "_").strip("_")


def _zone_of_city(city: str, country: str) -> str:
    folded = _fold(city)
    if not folded:
        return ""
    names: Sequence[str] = (
        country_zones().get(country.upper(), ())
        if country
        else tuple(name for zones in country_zones().values() for name in zones)
    )
    found = {name for name in names if _fold(name.rpartition("/")[2]) == folded}
    return found.pop() if len(found) == 1 else ""


@functools.cache
def country_zones() -> Mapping[str, tuple[str, ...]]:
    """ISO 3166-1 alpha-2 → zones, from the zone database's own table (`zone.tab`)."""
    table: dict[str, list[str]] = {}
    text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            code, _coordinates, name, *_comment = line.split("\t")
            table.setdefault(code, []).append(name)
    return {code: tuple(names) for code, names in table.items()}
