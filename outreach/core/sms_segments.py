"""How many parts a text message is sent in, and why. Pure (3GPP TS 23.038 and 23.040).

One character outside GSM-7 turns the whole message to UCS-2, with less than half the room.
"""

from __future__ import annotations

from dataclasses import dataclass

GSM7 = "GSM-7"
UCS2 = "UCS-2"
MAXIMUM_CHARACTERS = 1600
"""Twilio refuses longer bodies (error 21617)."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
_ROOM = {GSM7: (160, 153), UCS2: (70, 67)}


@dataclass(frozen=True)
class Segmentation:
    """`units` are septets (GSM-7) or 16-bit units (UCS-2); `parts` holds the units of each part in order."""

    encoding: str
    units: int
    parts: tuple[int, ...]
    units_per_part: int
    """Room in each part: the single limit while there is one part, the smaller one with a header otherwise."""
    forced_by: tuple[tuple[int, str], ...] = ()
    """(position, character) of what is not in GSM-7, each character once, at most ten."""

    @property
    def segment_count(self) -> int:
        return len(self.parts)


def segment(text: str) -> Segmentation:
    """How `text` would be sent. An empty text has no part. Line ends count as one character each."""
    text = text.replace("\r\n", "\n")
    foreign = not_in_gsm7(text)
    encoding = UCS2 if foreign else GSM7
    sizes = [_size(character, encoding) for character in text]
    units, (single, concatenated) = sum(sizes), _ROOM[encoding]
    if units <= single:
        return Segmentation(encoding, units, (units,) if units else (), single, foreign)
    return Segmentation(encoding, units, _pack(sizes, concatenated), concatenated, foreign)


def segment_count(text: str) -> int:
    """The parts that a carrier bills; at least one."""
    return max(1, segment(text).segment_count)


def not_in_gsm7(text: str, *, limit: int = 10) -> tuple[tuple[int, str], ...]:
    """The first position of each character that GSM-7 lacks, at most `limit` of them."""
    found: dict[str, int] = {}
    for position, character in enumerate(text):
        if character not in _BASIC and character not in _EXTENDED and character not in found:
            found[character] = position
            if len(found) == limit:
                break
    return tuple((position, character) for character, position in found.items())


def _size(character: str, encoding: str) -> int:
    if encoding == GSM7:
        return 2 if character in _EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def _pack(sizes: list[int], room: int) -> tuple[int, ...]:
    """Fill parts in order; an escape sequence or a surrogate pair is never cut in two."""
    parts = [0]
    for size in sizes:
        if parts[-1] + size > room:
            parts.append(0)
        parts[-1] += size
    return tuple(parts)
