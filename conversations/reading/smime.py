"""The message inside an opaque-signed S/MIME part (RFC 8551, CMS SignedData). Pure; the signature is not checked."""

from __future__ import annotations

_SIGNED = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
MAX_ELEMENTS = 50_000


def signed_content(data: bytes) -> bytes | None:
    """The MIME entity that was signed, or None for what is encrypted or broken."""
    if _SIGNED not in data[:64]:
        return None
    at = data.find(_DATA, data.find(_SIGNED) + len(_SIGNED))
    if at < 0:
        return None
    # encapContentInfo: the type, then [0] with an OCTET STRING, whole or in pieces
    at += len(_DATA)
    if data[at : at + 1] != b"\xa0":
        return None
    _tag, start, _end = _element(data, at)
    return _octets(data, start) or None


def _element(data: bytes, at: int) -> tuple[int, int, int | None]:
    """(tag, start of the content, its end or None for an indefinite length)."""
    tag, length, start = data[at], data[at + 1] if at + 1 < len(data) else 0, at + 2
    if length == 0x80:
        return tag, start, None
    if length > 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[start : start + count], "big") if count <= 4 else len(data)
        start += count
    return tag, start, min(start + length, len(data))


def _octets(data: bytes, at: int) -> bytes:
    """An OCTET STRING, its pieces put together."""
    out: list[bytes] = []
    ends: list[int] = []
    for _ in range(MAX_ELEMENTS):
        if at + 1 >= len(data) or (ends and at >= ends[0]):
            break
        if data[at : at + 2] == b"\x00\x00":
            at += 2
            if not ends:
                break
            continue
        tag, start, end = _element(data, at)
        if tag == 0x24:  # constructed: pieces follow
            if end is not None and not ends:
                ends.append(end)
            at = start
        elif tag == 0x04 and end is not None:
            out.append(data[start:end])
            at = end
            if not ends and len(out) == 1 and data[at : at + 1] != b"\x04":
                break
        else:
            break
    return b"".join(out)
