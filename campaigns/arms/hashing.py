"""Which arm a person gets: by a hash, so that asking again, on any machine, gives the same answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

_RANGE = 2.0**64


def position(experiment: str, unit: str) -> float:
    """Where `unit` (a person or a company) lies in [0, 1): uniform, and independent between experiments."""
    digest = blake2b(f"{experiment}\x1f{unit}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / _RANGE


def arm_of(experiment: str, unit: str, shares: Sequence[float]) -> int:
    """Index of the arm of `unit`; `shares` are parts of 1, one for each arm."""
    place, bound = position(experiment, unit), 0.0
    for index, share in enumerate(shares):
        bound += share
        if place < bound:
            return index
    return len(shares) - 1
