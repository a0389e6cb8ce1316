"""Who gets an e-mail besides its recipient, as the text that its approval is bound to. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_COPIES = 20
_BETWEEN = re.compile(r"[,;\s]+")


@dataclass(frozen=True)
class Copies:
    """Addresses in copy, and those in copy that nobody else sees."""

    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cc or self.bcc)

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.cc, *self.bcc)


NO_COPIES = Copies()


def encode(copies: Copies) -> str:
    """A line for each; empty for none, so that messages without copies hash as they always did."""
    return "\n".join([*(f"cc {address}" for address in copies.cc), *(f"bcc {address}" for address in copies.bcc)])


def decode(text: str) -> Copies:
    """The copies behind `encode`'s text."""
    rows = [line.partition(" ") for line in text.splitlines()]
    return Copies(
        tuple(address for kind, _space, address in rows if kind == "cc"),
        tuple(address for kind, _space, address in rows if kind == "bcc"),
    )


def split(typed: str) -> tuple[str, ...]:
    """The addresses that somebody typed, between commas, semicolons or spaces."""
    return tuple(dict.fromkeys(filter(None, (part.strip("<>") for part in _BETWEEN.split(typed)))))
