"""Outlook's winmail.dat (TNEF): text, HTML or RTF of the message, its class, its files and its times. Pure.

After Microsoft's MS-OXTNEF and MS-OXRTFCP. A damaged file gives what could be read of it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from conversations.reading import rtf
from conversations.reading.text import MAX_TEXT, decode_bytes, visible

SIGNATURE = 0x223E9F78
MAX_ATTRIBUTES = 2_000
_SUBJECT, _MESSAGE_CLASS, _BODY, _PROPERTIES = 0x8004, 0x8008, 0x800C, 0x9003
_CODE_PAGE, _FILE_TITLE, _FILE_PROPERTIES = 0x9007, 0x8010, 0x9005
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_STRING8, _UNICODE, _OBJECT, _BINARY, _TIME = 0x1E, 0x1F, 0x0D, 0x0102, 0x40
_PR_BODY, _PR_RTF, _PR_HTML, _PR_START, _PR_END, _PR_LONG_NAME = 0x1000, 0x1009, 0x1013, 0x60, 0x61, 0x3707


@dataclass
class Tnef:
    """What stands in a winmail.dat; `html` and `text` may both be set."""

    text: str = ""
    html: str = ""
    message_class: str = ""
    files: list[str] = field(default_factory=list)
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def read_tnef(data: bytes) -> Tnef | None:
    """The content of a winmail.dat, or None when it is not one."""
    if len(data) < 6 or int.from_bytes(data[:4], "little") != SIGNATURE:
        return None
    found, charset = Tnef(), "cp1252"
    for key, value in _attributes(data):
        if key == _CODE_PAGE and len(value) >= 4:
            charset = f"cp{int.from_bytes(value[:4], 'little')}"
        elif key == _BODY:
            found.text = decode_bytes(value[: MAX_TEXT * 2].rstrip(b"\x00"), charset)
        elif key == _MESSAGE_CLASS:
            found.message_class = value.rstrip(b"\x00").decode("ascii", "replace")
        elif key == _FILE_TITLE:
            found.files.append(visible(decode_bytes(value.rstrip(b"\x00"), charset))[:200])
        elif key == _PROPERTIES:
            _take_properties(found, value, charset)
        elif key == _FILE_PROPERTIES:
            name = next((v for k, v in _properties(value, charset) if k == _PR_LONG_NAME), "")
            if isinstance(name, str) and name and found.files:
                found.files[-1] = visible(name)[:200]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    for _ in range(MAX_ATTRIBUTES):
        if at + 9 > len(data):
            return
        _level, tag, length = struct.unpack_from("<BII", data, at)
        yield tag & 0xFFFF, data[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _take_properties(found: Tnef, data: bytes, charset: str) -> None:
    for key, value in _properties(data, charset):
        if key == _PR_BODY and isinstance(value, str):
            found.text = value or found.text
        elif key == _PR_HTML:
            found.html = (
                value if isinstance(value, str) else decode_bytes(value, "utf-8") if isinstance(value, bytes) else ""
            )
        elif key == _PR_RTF and isinstance(value, bytes):
            text, html = rtf.read_rtf(rtf.decompress(value))
            found.text, found.html = found.text or text, found.html or html
        elif key == _PR_START and isinstance(value, datetime):
            found.starts_at = value
        elif key == _PR_END and isinstance(value, datetime):
            found.ends_at = value


def _properties(data: bytes, charset: str) -> Iterator[tuple[int, str | bytes | datetime | None]]:
    """MAPI properties of a property block."""
    if len(data) < 4:
        return
    count, at = int.from_bytes(data[:4], "little"), 4
    for _ in range(min(count, MAX_ATTRIBUTES)):
        if at + 4 > len(data):
            return
        kind, key = struct.unpack_from("<HH", data, at)
        at += 4
        if key >= 0x8000:
            at = _after_name(data, at)
        is_multiple, kind = bool(kind & 0x1000), kind & 0x0FFF
        if kind in _FIXED and not is_multiple:
            value = data[at : at + _FIXED[kind]]
            at += _FIXED[kind]
            yield key, _time(value) if kind == _TIME else None
        elif kind in {_STRING8, _UNICODE, _OBJECT, _BINARY & 0x0FFF} or is_multiple:
            values, at = _values(data, at, size=_FIXED.get(kind))
            value = values[0] if values else b""
            if kind == _UNICODE:
                yield key, value.decode("utf-16-le", "replace").rstrip("\x00")
            elif kind == _STRING8:
                yield key, decode_bytes(value.rstrip(b"\x00"), charset)
            else:
                yield key, value
        else:
            return


def _values(data: bytes, at: int, *, size: int | None) -> tuple[list[bytes], int]:
    count = int.from_bytes(data[at : at + 4], "little")
    at += 4
    values = []
    for _ in range(min(count, 1_000)):
        if at >= len(data):
            break
        length = size
        if length is None:
            length = int.from_bytes(data[at : at + 4], "little")
            at += 4
        values.append(data[at : at + length])
        at += length + (-length % 4)
    return values, at


def _after_name(data: bytes, at: int) -> int:
    kind = int.from_bytes(data[at + 16 : at + 20], "little")
    if kind == 0:
        return at + 24
    length = int.from_bytes(data[at + 20 : at + 24], "little")
    return at + 24 + length + (-length % 4)


def _time(value: bytes) -> datetime | None:
    ticks = int.from_bytes(value, "little")
    try:
        return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None
