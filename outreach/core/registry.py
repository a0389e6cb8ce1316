"""What rooms contribute to places they do not know: home panels, navigation, exports, the console.

A place is a `Point`, declared by the room that reads it. What is contributed stands in one table a wing,
`<wing>/registry.py`, whose `REGISTRY` maps points to entries; `settings.WINGS` gives the order of the wings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Generic, TypeVar

from django.conf import settings

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Point(Generic[Entry]):
    """A named place that takes entries of one type."""

    name: str

    def entries(self) -> list[Entry]:
        """Everything contributed, in the order of the wings and of their tables."""
        return [entry for wing in settings.WINGS for entry in registry_of(wing).get(self, ())]


Registry = Mapping[Point[Any], Sequence[Any]]


@cache
def registry_of(wing: str) -> Registry:
    """The table of one wing. Read at first use, when all models are loaded."""
    registry: Registry = import_module(f"{wing}.registry").REGISTRY
    return registry
