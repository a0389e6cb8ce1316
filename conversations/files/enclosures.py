"""What a message encloses, as the text that its approval is bound to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from outreach.core.hashing import canonical_json


@dataclass(frozen=True)
class Enclosure:
    """One file of a message: which content, under which name, and whether it is shown inside the text."""

    content_hash: str
    name: str
    is_inline: bool = False

    @property
    def content_id(self) -> str:
        """How HTML names an inline image (`cid:…`); the same for the same content. Empty for an attachment."""
        return f"{self.content_hash[:24]}@image.outreach" if self.is_inline else ""


def encode(enclosures: Iterable[Enclosure]) -> str:
    """Canonical text; empty for no file, so that messages without files hash as they always did."""
    rows = [{"hash": e.content_hash, "name": e.name, "inline": e.is_inline} for e in enclosures]
    return canonical_json(rows).decode() if rows else ""


def decode(text: str) -> list[Enclosure]:
    """The files behind `encode`'s text."""
    if not text:
        return []
    return [Enclosure(row["hash"], row["name"], row["inline"]) for row in orjson.loads(text)]
