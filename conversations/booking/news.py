"""A booking page's event in the product's terms. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol


class Kind(StrEnum):
    """What happened to a call."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    HELD = "held"


@dataclass(frozen=True)
class News:
    """One thing that happened to one call. `starts_at` and `ends_at` are aware; `previous_id` is the call that it replaces."""

    kind: Kind
    external_id: str
    previous_id: str = ""
    title: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    name: str = ""
    address: str = ""
    time_zone: str = ""
    reason: str = ""


class Provider(Protocol):
    """How one booking page calls us. Stateless."""

    name: str
    label: str

    def is_genuine(self, *, body: bytes, headers: Mapping[str, str], secret: str) -> bool:
        """Whether the request carries the provider's signature made with `secret`."""

    def event_id(self, fields: Mapping[str, Any]) -> str:
        """The same for every delivery of the same event. Raises `KeyError` or `TypeError` for another format."""

    def read(self, fields: Mapping[str, Any]) -> News | None:
        """What the event says; None for events that say nothing about a call."""


def moment(text: Any) -> datetime | None:
    """An ISO time as aware UTC; None for what is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
