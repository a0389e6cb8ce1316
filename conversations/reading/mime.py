"""The MIME tree of a message, bounded in depth, parts and bytes. Pure; never raises, never recurses.

Our own reader instead of `email.parser`: that one recurses once a level (a tree of 1,000 levels ends it) and walks
every line of every attachment.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote_to_bytes

from conversations.reading.text import MAX_HEADER, MAX_TEXT, decode_bytes, decode_line, decode_words

MAX_BYTES = 10 * 1024 * 1024
"""More than this of a mail is not read: texts come before attachments."""
MAX_PARTS = 200
MAX_DEPTH = 40
MAX_HEADER_BLOCK = 400_000
MAX_FIELDS = 2_000

_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\r\r")
_LINES = re.compile(rb"(?<=\n)|(?<=\r)(?!\n)")
_FIELD_NAME = re.compile(r"[!-9;-~]+[ \t]*:")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass
class Part:
    """One part of a message. `headers` holds raw values by lower-case name; `body` the bytes as they came."""

    headers: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    parts: list[Part] = field(default_factory=list, repr=False)
    is_enclosed: bool = False
    """Inside an attached message: somebody else's words."""

    def raw(self, name: str) -> str:
        """The first raw value of a header, or an empty text."""
        return next(iter(self.headers.get(name, ())), "")

    def header(self, name: str) -> str:
        """The first value of a header, decoded."""
        return decode_words(self.raw(name))

    @cached_property
    def kind(self) -> str:
        """The content type, lower case, for example `text/plain`."""
        value = self.raw("content-type").split(";", 1)[0].strip().lower()
        return value if re.fullmatch(r"[\w.+-]+/[\w.+-]+", value) else "text/plain"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Parameters of the content type."""
        return parameters(self.raw("content-type"))

    @cached_property
    def disposition(self) -> str:
        """`attachment`, `inline` or an empty text."""
        return self.raw("content-disposition").split(";", 1)[0].strip().lower()

    @cached_property
    def file_name(self) -> str:
        """The name of the file, decoded, without folders."""
        name = parameters(self.raw("content-disposition")).get("filename") or self.parameters.get("name") or ""
        return re.split(r"[\\/]", decode_words(name))[-1].strip()[:200]

    @property
    def is_attachment(self) -> bool:
        """Whether mail programs show it as a file."""
        return self.disposition == "attachment" or (self.disposition != "inline" and bool(self.file_name))

    def payload(self, limit: int = MAX_BYTES) -> bytes:
        """The bytes behind the transfer encoding, at most about `limit`."""
        encoding = self.raw("content-transfer-encoding").strip().lower()
        if encoding == "base64":
            return _base64(self.body[: limit * 3 // 2 + 1_000])[:limit]
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body[: limit * 3])[:limit]
        if encoding in {"x-uuencode", "uuencode", "x-uue"}:
            return _uuencoded(self.body)[:limit]
        return self.body[:limit]

    @cached_property
    def text(self) -> str:
        """The text of a leaf, decoded, with plain line breaks."""
        text = decode_bytes(self.payload(MAX_TEXT * 4), self.parameters.get("charset"))
        return text[: MAX_TEXT * 2].replace("\r\n", "\n").replace("\r", "\n")

    def walk(self, *, is_deep: bool = True) -> Iterator[Part]:
        """This part and all below, in order; without attached messages when not `is_deep`."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(p for p in reversed(part.parts) if is_deep or not p.is_enclosed)


def parameters(value: str) -> dict[str, str]:
    """Parameters of a structured header, RFC 2231 pieces and charsets put together."""
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for name, given in _PARAMETER.findall(";" + value.partition(";")[2][:MAX_HEADER])[:100]:
        text = given.strip()
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))
        base, star, rest = name.lower().partition("*")
        if star:
            number = re.match(r"\d{1,3}", rest)
            pieces.setdefault(base, []).append(
                (int(number[0]) if number else 0, text, rest.endswith("*") or not number)
            )
        else:
            found.setdefault(base, re.sub(r"\s+", " ", text))
    for base, told in pieces.items():
        found[base] = _rfc2231(sorted(told))
    return found


def _rfc2231(pieces: list[tuple[int, str, bool]]) -> str:
    charset, raw = "utf-8", b""
    for index, (_number, text, is_encoded) in enumerate(pieces):
        if is_encoded and index == 0 and text.count("'") >= 2:
            charset, _language, text = text.split("'", 2)
        raw += unquote_to_bytes(text) if is_encoded else text.encode("utf-8", "replace")
    return decode_bytes(raw, charset)


def parse(raw: bytes) -> Part:
    """The tree of a raw message; what lies beyond the limits is left out."""
    root = Part()
    stack: list[tuple[bytes, Part, int]] = [(raw[:MAX_BYTES], root, 0)]
    count = 0
    while stack and count < MAX_PARTS:
        data, part, depth = stack.pop()
        count += 1
        part.headers, part.body = _head(data)
        if depth < MAX_DEPTH:
            children = _children(part, default="message/rfc822" if part.kind == "multipart/digest" else "")
            stack.extend((piece, child, depth + 1) for piece, child in reversed(children))
    return root


def _children(part: Part, *, default: str) -> list[tuple[bytes, Part]]:
    if part.kind.startswith("multipart/"):
        pieces = _pieces(part.body, part.parameters.get("boundary", ""))
    elif part.kind in {"message/rfc822", "message/global"}:
        pieces = [part.payload()]
    else:
        return []
    children = [Part(is_enclosed=part.is_enclosed or part.kind.startswith("message/")) for _piece in pieces]
    part.parts = children
    return list(zip(pieces, children, strict=True))


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """What stands between the boundary lines; the rest of the body when the last one is missing."""
    if not boundary:
        return []
    mark = b"--" + boundary.encode("utf-8", "replace")
    pieces: list[bytes] = []
    start, at = -1, 0
    while len(pieces) < MAX_PARTS:
        at = body.find(mark, at)
        if at < 0:
            break
        line_end = body.find(b"\n", at)
        line_end = len(body) if line_end < 0 else line_end
        rest = body[at + len(mark) : min(line_end, at + len(mark) + 200)].strip()
        is_line = (at == 0 or body[at - 1 : at] in {b"\n", b"\r"}) and rest in {b"", b"--"}
        if is_line:
            if start >= 0:
                pieces.append(body[start:at].removesuffix(b"\n").removesuffix(b"\r"))
            start = -1 if rest == b"--" else line_end + 1
            if rest == b"--":
                break
        at = line_end if is_line else at + len(mark)
    if start >= 0 and len(pieces) < MAX_PARTS:
        pieces.append(body[start:])
    return pieces


def _head(data: bytes) -> tuple[dict[str, list[str]], bytes]:
    """The header fields and the body."""
    if data.startswith((b"\n", b"\r\n")):
        return {}, data.lstrip(b"\r").removeprefix(b"\n")
    blank = _BLANK_LINE.search(data)
    end = blank.start() if blank else len(data)
    head = data[:end]
    if len(head) > MAX_HEADER_BLOCK:
        head = head[: head.rfind(b"\n", 0, MAX_HEADER_BLOCK) + 1] or head[:MAX_HEADER_BLOCK]
    headers: dict[str, list[str]] = {}
    name, used, count = "", 0, 0
    for line in _LINES.split(head):
        bare = decode_line(line.rstrip(b"\r\n"))
        if bare[:1] in {" ", "\t"} and name:
            values = headers[name]
            if len(values[-1]) < MAX_HEADER:
                values[-1] += "\n" + bare
        elif match := _FIELD_NAME.match(bare):
            name = match[0].rstrip(": \t").lower()
            count += 1
            if count <= MAX_FIELDS:
                headers.setdefault(name, []).append(bare[match.end() :].strip()[:MAX_HEADER])
            else:
                name = ""
        elif not (used == 0 and line.startswith((b"From ", b">From "))) and bare.strip():
            # no header line: the body begins here, as with `email.parser`
            return headers, data[used:]
        used += len(line)
    return headers, data[blank.end() :] if blank else b""


def _base64(body: bytes) -> bytes:
    letters = _NOT_BASE64.sub(b"", body)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return b""


def _uuencoded(body: bytes) -> bytes:
    out: list[bytes] = []
    for line in body.splitlines()[1:]:
        if line.startswith(b"end"):
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)
