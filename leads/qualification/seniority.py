"""The level of a position from its title, in English and Russian. Pure; None when the title does not say."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from leads.segments import lexicon
from outreach.core.lists import read_table


def _(text: str) -> str:
    return text


LEVELS = {
    "intern": _("Intern"),
    "junior": _("Junior"),
    "middle": _("Middle"),
    "senior": _("Senior"),
    "lead": _("Team lead"),
    "manager": _("Manager"),
    "head": _("Head or director"),
    "executive": _("Executive or owner"),
}
"""From the lowest to the highest; one step apart counts half."""

_RULES: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (rule["level"], tuple(rule["words"]))
    for rule in read_table(Path(__file__).parent / "data" / "seniority.toml")["rules"]
)
"""The first that matches decides: what would mislead comes before what it would be taken for."""


@lru_cache(maxsize=20_000)
def level_of(title: str) -> str | None:
    """The level that `title` states."""
    return next((level for level, words in _RULES if lexicon.find(words, title)), None)


def distance(level: str, wanted: list[str]) -> int:
    """Steps from `level` to the nearest of `wanted`."""
    order = list(LEVELS)
    return min(abs(order.index(level) - order.index(other)) for other in wanted)
