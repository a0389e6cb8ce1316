"""Upper wings that keep something about leads: asked before leads are removed or erased, told to take their part away.

Each wing above contributes one module with the three functions of `Keeper`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import QuerySet

from leads.models import Lead
from outreach.core.registry import Point


@dataclass(frozen=True)
class Holding:
    """One kind of thing that is kept about leads, and how many there are."""

    label: str
    count: int


class Keeper(Protocol):
    def objection(self, leads: QuerySet[Lead], *, since: datetime) -> str:
        """Why these leads must stay as they are (something was sent or said after `since`), as a sentence, or empty."""

    def remove(self, leads: QuerySet[Lead]) -> None:
        """Remove what this wing keeps about `leads`, in the caller's transaction. Raises `Refused`."""

    def holdings(self, leads: QuerySet[Lead]) -> list[Holding]:
        """What goes when `leads` are erased, for the person who decides. Zeros are left out by the asker."""


KEEPERS: Point[Keeper] = Point("leads.keepers")


def keepers() -> list[Keeper]:
    """Who keeps something about leads, the highest wing first: it refers to what the ones below it keep."""
    return KEEPERS.entries()[::-1]
