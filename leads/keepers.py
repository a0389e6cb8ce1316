"""Upper wings that keep something about leads: asked before leads are removed, and told to take their part away.

`settings.LEAD_KEEPERS` names modules, the highest wing first, each with the two functions of `Keeper`.
"""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings
from django.db.models import QuerySet

from leads.models import Lead


class Keeper(Protocol):
    def objection(self, leads: QuerySet[Lead], *, since: datetime) -> str:
        """Why these leads must stay as they are (something was sent or said after `since`), as a sentence, or empty."""

    def remove(self, leads: QuerySet[Lead]) -> None:
        """Remove what this wing keeps about `leads`, in the caller's transaction. Raises `Refused`."""


def keepers() -> list[Keeper]:
    return [cast("Keeper", import_module(name)) for name in settings.LEAD_KEEPERS]
