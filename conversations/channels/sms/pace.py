"""How fast a number may send, in segments: by kind of number and class of registration. Pure (Twilio's published limits)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONG_CODE, TOLL_FREE, SHORT_CODE, TEN_DLC = "long_code", "toll_free", "short_code", "10dlc"
PER_SECOND: Mapping[str, float] = {LONG_CODE: 1.0, TOLL_FREE: 3.0, SHORT_CODE: 100.0, TEN_DLC: 1.25}
"""10DLC without a class gets what the lowest one has: 75 segments a minute."""
TOLL_FREE_CODES = frozenset({"800", "833", "844", "855", "866", "877", "888"})
MINIMUM_FACTOR = 1 / 16


@dataclass(frozen=True)
class Pace:
    """`kind` of number, segments a second, and the carriers' cap in segments a day (None: none known)."""

    kind: str
    per_second: float
    per_day: int | None = None

    def slowed(self, factor: float) -> Pace:
        return Pace(self.kind, self.per_second * max(factor, MINIMUM_FACTOR), self.per_day)


def kind_of(address: str) -> str:
    """The kind of a sender's number by how it looks; a messaging service or a name counts as a long code."""
    if address.isdecimal() and 3 <= len(address) <= 8:
        return SHORT_CODE
    if address.startswith("+1") and address[2:5] in TOLL_FREE_CODES:
        return TOLL_FREE
    return LONG_CODE


def pace_of(address: str, settings: Mapping[str, Any]) -> Pace:
    """The pace of a sender: its own numbers where they are set, else those of the kind of its number."""
    kind = str(settings.get("number_type") or "") or kind_of(address)
    per_minute = settings.get("segments_per_minute")
    per_second = float(per_minute) / 60 if per_minute else PER_SECOND.get(kind, PER_SECOND[LONG_CODE])
    per_day = settings.get("segments_per_day")
    return Pace(kind, per_second, int(per_day) if per_day else None)
