"""What can be seen on the pages of a network, as plain values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Card:
    """A person in a list of results."""

    public_id: str
    name: str
    headline: str = ""
    place: str = ""


@dataclass(frozen=True)
class Results:
    cards: tuple[Card, ...]
    has_next: bool


@dataclass(frozen=True)
class Line:
    """One message of a thread as the page shows it."""

    id: str
    is_ours: bool
    text: str
    at: datetime | None


@dataclass(frozen=True)
class Sent:
    """One invitation that waits for an answer."""

    public_id: str
    note: str
    at: datetime | None


def same_text(shown: str, written: str) -> bool:
    """Whether a page shows what was written: white space aside, which pages fold."""
    return " ".join(shown.split()) == " ".join(written.split())
