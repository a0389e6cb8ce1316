"""Upper wings that hold data about leads: asked before leads are removed or erased, and told to delete their part.

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
        """Why these leads must not be removed (messages after `since`), as a sentence, or empty."""

    def remove(self, leads: QuerySet[Lead]) -> None:
        """Remove what this wing keeps about `leads`, in the caller's transaction. Raises `Refused`."""

    def holdings(self, leads: QuerySet[Lead]) -> list[Holding]:
        """What is deleted when `leads` are erased, for the person who decides. The caller omits zeros."""


KEEPERS: Point[Keeper] = Point("leads.keepers")


def keepers() -> list[Keeper]:
    """Who keeps something about leads, the highest wing first: it refers to what the ones below it keep."""
    return KEEPERS.entries()[::-1]
