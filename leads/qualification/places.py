"""Where a city is, from a list that ships with the product: offline, by name and country. Pure.

Names are compared without case, accents and punctuation, in Latin and Cyrillic. Of cities of one name in a country, or in
the world when no country is given, the largest is meant.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

Point = tuple[float, float]
_FILE = Path(__file__).parent / "data" / "cities.tsv.gz"


def point_of(city: str, country: str = "") -> Point | None:
    """Latitude and longitude of a city; None for one that is not in the list. `country`: ISO 3166-1 alpha-2."""
    return _points().get((country.upper(), _folded(city)))


@lru_cache(maxsize=50_000)
def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^0-9a-zа-яіїєґў]+", " ", plain.replace("ё", "е")).strip()


@lru_cache(maxsize=1)
def _points() -> dict[tuple[str, str], Point]:
    """Read at the first question. The file is sorted by country, the largest city first."""
    found: dict[tuple[str, str], Point] = {}
    world: dict[str, tuple[int, Point]] = {}
    for line in gzip.decompress(_FILE.read_bytes()).decode().splitlines():
        if line.startswith("#"):
            continue
        country, latitude, longitude, thousands, names = line.split("\t")
        point = (float(latitude), float(longitude))
        for name in names.split("|"):
            found.setdefault((country, name), point)
            if name not in world or world[name][0] < int(thousands):
                world[name] = (int(thousands), point)
    return found | {("", name): point for name, (_size, point) in world.items()}
