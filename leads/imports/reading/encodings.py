"""In which encoding a file is written: marks, NUL bytes, UTF-8, else what reads most like a language."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from leads.imports.reading import latin
from outreach.core.errors import Invalid

BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 18
CYRILLIC_ENCODINGS = ("cp1251", "koi8-r", "cp866", "mac-cyrillic")
LATIN_ENCODINGS = [latin.WESTERN, latin.CENTRAL, "cp1254", "cp1257"]
COMMON_LETTERS = frozenset("оеаинтсрвл")
_WORD = re.compile(r"[А-яЁё]{2,}")


@dataclass
class Scan:
    """What one pass over the bytes reveals."""

    head: bytes = b""
    odd_lines: bytes = b""
    byte_count: int = 0
    line_count: int = 0
    nul_count: int = 0
    is_utf8: bool = True


def read_through(stream: BinaryIO) -> Scan:
    scan = Scan()
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    last = b"\n"
    while block := stream.read(BLOCK_BYTES):
        if not scan.byte_count:
            scan.head = block[:4096]
        scan.byte_count += len(block)
        scan.line_count += block.count(b"\n") or block.count(b"\r")
        scan.nul_count += block.count(b"\0")
        last = block[-1:]
        if scan.is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                scan.is_utf8 = False
        if not block.isascii() and len(scan.odd_lines) < SAMPLE_BYTES:
            lines = (line for line in block.splitlines() if not line.isascii())
            scan.odd_lines += b"\n".join(line[:2000] for _i, line in zip(range(500), lines, strict=False)) + b"\n"
    if scan.is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            scan.is_utf8 = False
    scan.line_count += last not in b"\r\n"
    return scan


def encoding_of(scan: Scan, *, wanted: str) -> tuple[str, bool]:
    """The encoding of the file and whether it starts with a byte order mark."""
    head = scan.head
    if wanted:
        try:
            name = codecs.lookup(wanted).name
        except LookupError as error:
            raise Invalid("encoding", f"Unknown encoding “{wanted}”.", code="encoding_unknown") from error
        has_bom = head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return ("utf-8-sig" if name == "utf-8" and has_bom else name), has_bom
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", True
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", True
    if scan.nul_count:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        half = max(1, len(head) // 2)
        if odd > 0.4 * half and even < 0.05 * half:
            return "utf-16-le", False
        if even > 0.4 * half and odd < 0.05 * half:
            return "utf-16-be", False
        if head.count(0) > max(3, 0.02 * len(head)) or _control_share(head) > 0.05:
            raise Invalid("file", "This is a binary file, not a table of text.", code="file_is_binary")
    if scan.is_utf8:
        if _control_share(head) > 0.1:
            raise Invalid("file", "This is a binary file, not a table of text.", code="file_is_binary")
        return "utf-8", False
    return _single_byte(scan.odd_lines, head), False


def _control_share(head: bytes) -> float:
    return sum(1 for byte in head if byte < 32 and byte not in b"\t\r\n\f") / max(1, len(head))


def _single_byte(sample: bytes, head: bytes) -> str:
    """The encoding of text that is not UTF-8, or UTF-8 when only a few bytes of it are broken."""
    if _control_share(head) > 0.02:
        raise Invalid("file", "This is a binary file, not a table of text.", code="file_is_binary")
    text = sample.decode("utf-8", "surrogateescape")
    sound = sum(1 for c in text if c > "\x7f" and not "\udc80" <= c <= "\udcff")
    broken = sum(1 for c in text if "\udc80" <= c <= "\udcff")
    if sound > 2 * broken:
        return "utf-8"
    scores = {name: _cyrillic_score(sample, name) for name in CYRILLIC_ENCODINGS}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] > 0.25:
        return best
    match = from_bytes(sample, cp_isolation=LATIN_ENCODINGS).best()
    if match is None or str(match) == sample.decode(latin.WESTERN, "replace"):
        return latin.WESTERN
    return latin.WESTERN if match.encoding == latin.CENTRAL and latin.is_western(sample) else match.encoding


def _cyrillic_score(sample: bytes, name: str) -> float:
    """How much `sample` reads like Russian in the encoding `name`: natural case, and the letters that are common."""
    text = sample.decode(name, "replace")
    high = sum(1 for c in text if c > "\x7f")
    words = _WORD.findall(text)
    letters = "".join(words)
    if not letters or len(letters) < 0.6 * high:
        return 0
    natural = sum(1 for w in words if w[1:].islower() or w.isupper()) / len(words)
    common = sum(1 for c in letters.lower() if c in COMMON_LETTERS) / len(letters)
    return natural * common * min(1, len(letters) / high)
