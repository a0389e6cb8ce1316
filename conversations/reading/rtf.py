"""Rich text as Outlook sends it: decompression (MS-OXRTFCP) and the text or HTML inside (MS-OXRTFEX). Pure."""

from __future__ import annotations

import re

from conversations.reading.text import MAX_TEXT

_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbol"
    rb"ArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.IGNORECASE
)
_SKIPPED = frozenset(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "listtable",
        "listoverridetable",
        "themedata",
        "datastore",
        "generator",
        "xmlnstbl",
        "filetbl",
        "revtbl",
        "rsidtbl",
        "header",
        "footer",
        "bkmkstart",
        "bkmkend",
    ]
)
_SPECIAL = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t",
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
}  # fmt: skip


def decompress(data: bytes, limit: int = MAX_TEXT * 5) -> bytes:
    """Compressed RTF as RTF; an empty text for what is neither."""
    if len(data) < 16:
        return b""
    kind = int.from_bytes(data[8:12], "little")
    if kind == _PLAIN:
        return data[16 : 16 + limit]
    if kind != _COMPRESSED:
        return b""
    window = bytearray(_START.ljust(4096, b"\x00"))
    write, at, out = len(_START), 16, bytearray()
    while at < len(data) and len(out) < limit:
        control = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data):
                break
            if not control >> bit & 1:
                out.append(data[at])
                window[write % 4096] = data[at]
                write += 1
                at += 1
                continue
            if at + 1 >= len(data):
                return bytes(out)
            pair = data[at] << 8 | data[at + 1]
            at += 2
            offset, length = pair >> 4, (pair & 0xF) + 2
            if offset == write % 4096:
                return bytes(out)
            for _ in range(length):
                byte = window[offset % 4096]
                out.append(byte)
                window[write % 4096] = byte
                write, offset = write + 1, offset + 1
    return bytes(out)


def read_rtf(data: bytes) -> tuple[str, str]:
    """(text, HTML) of an RTF document: HTML where the document wraps one, else text."""
    source = data[: MAX_TEXT * 5].decode("latin-1")
    if not source.lstrip().startswith("{\\rtf"):
        return "", ""
    is_html = "\\fromhtml1" in source[:1_000]
    reader = _Reader(is_html=is_html)
    for token in _TOKEN.finditer(source):
        reader.take(token)
    written = reader.written()
    return ("", written) if is_html else (written, "")


class _Reader:
    """Walks the tokens of an RTF document; states of open groups are on a stack."""

    def __init__(self, *, is_html: bool) -> None:
        self.is_html = is_html
        self.out: list[str] = []
        self.bytes = bytearray()
        self.charset = "cp1252"
        self.stack: list[tuple[bool, bool, int]] = []
        self.is_skipped = False
        self.is_markup = False
        """Inside a group that holds a piece of the original HTML."""
        self.is_rtf_only = False
        self.skip_count = 0
        self.unicode_skip = 1
        self.is_group_start = False

    def take(self, token: re.Match[str]) -> None:
        word, number, byte, symbol, brace, text = token.groups()
        was_group_start, self.is_group_start = self.is_group_start, False
        if brace == "{":
            self.stack.append((self.is_skipped, self.is_markup, self.unicode_skip))
            self.is_group_start = len(self.stack) < 10_000
        elif brace == "}":
            if self.stack:
                self.is_skipped, self.is_markup, self.unicode_skip = self.stack.pop()
        elif byte:
            self._byte(int(byte, 16))
        elif symbol:
            self._symbol(symbol, is_group_start=was_group_start)
        elif word:
            self._word(word.lower(), number, is_group_start=was_group_start)
        elif text:
            self._text(text)

    def _symbol(self, symbol: str, *, is_group_start: bool) -> None:
        if symbol == "*" and is_group_start:
            self.is_skipped, self.is_group_start = True, True
        elif symbol == "~":
            self._text("\u00a0")
        elif symbol in "\\{}":
            self._text(symbol)
        elif symbol in "\r\n":
            self._text("\n")

    def _word(self, word: str, number: str | None, *, is_group_start: bool) -> None:
        if word == "htmltag":
            self.is_skipped, self.is_markup = not self.is_html, True
        elif word == "htmlrtf":
            self.is_rtf_only = number != "0"
        elif is_group_start and word in _SKIPPED:
            self.is_skipped = True
        elif word == "ansicpg" and number:
            self.charset = f"cp{number}"
        elif word == "uc" and number:
            self.unicode_skip = max(0, min(int(number), 10))
        elif word == "u" and number:
            self._text(chr(int(number) % 65_536))
            self.skip_count = self.unicode_skip
        elif word in _SPECIAL:
            self._text(_SPECIAL[word])

    def _byte(self, value: int) -> None:
        if self.skip_count:
            self.skip_count -= 1
        elif not (self.is_skipped or self.is_rtf_only):
            self.bytes.append(value)

    def _text(self, text: str) -> None:
        if self.skip_count:
            cut = min(self.skip_count, len(text))
            self.skip_count, text = self.skip_count - cut, text[cut:]
        if text and not self.is_skipped and not self.is_rtf_only:
            self._flush()
            self.out.append(text)

    def _flush(self) -> None:
        if self.bytes:
            try:
                self.out.append(self.bytes.decode(self.charset, "replace"))
            except LookupError:
                self.out.append(self.bytes.decode("cp1252", "replace"))
            self.bytes.clear()

    def written(self) -> str:
        self._flush()
        return "".join(self.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")[:MAX_TEXT]
