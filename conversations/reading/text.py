"""Characters: bytes to text whatever the label says, encoded header words, invisible characters. Pure."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header

MAX_TEXT = 200_000
"""Characters of text that are looked at."""
MAX_HEADER = 20_000
"""Characters of one header value that are looked at."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2069\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_HALF = re.compile("[\ud800-\udfff]")
_LATIN = frozenset({"iso-8859-1", "latin-1", "latin1", "us-ascii"})
_NO_CHARSETS = frozenset({"unicode_escape", "raw_unicode_escape", "punycode", "idna", "undefined", "mbcs", "oem"})
"""Names that Python knows and no mail program means; some take time that grows with the square of the length."""
_HIGH_WORD = re.compile(rb"[\xc0-\xff]{3,}")
"""Western letters above ASCII stand alone, Cyrillic ones make words."""
_CYRILLIC_CHARSETS = ("cp1251", "koi8-r")
_ALIASES = {
    "ansi": "cp1252",
    "x-sjis": "shift_jis",
    "unicode-1-1-utf-7": "utf-7",
    "ks_c_5601-1987": "cp949",
    "x-unknown": "",
}


def visible(text: str) -> str:
    """`text` without characters that nobody sees."""
    return _INVISIBLE.sub("", text)


def squeezed(text: str) -> str:
    """One line: every run of blanks and line breaks is one blank."""
    return " ".join(text.split())


def clean(text: str) -> str:
    """Text without invisible characters, with plain line breaks and no trailing blanks."""
    text = visible(text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n").replace("\u2028", "\n"))
    return "\n".join(line.replace("\u00a0", " ").rstrip() for line in text.split("\n")).strip("\n")


def single_spaced(text: str) -> str:
    """Runs of blanks as one blank; line breaks stay."""
    return _SPACES.sub(" ", text)


def decode_bytes(payload: bytes, charset: str | None) -> str:
    """Decode bytes by the named charset, UTF-8 or the best guess; never raises."""
    named = (charset or "").strip().strip("\"'").lower()
    named = _ALIASES.get(named, named)
    if named in _LATIN:
        named = "cp1252" if named != "us-ascii" or payload.isascii() else ""
    for name in (named, "utf-8"):
        try:
            if name and name.replace("-", "_") not in _NO_CHARSETS:
                return whole(payload.decode(name))
        except (LookupError, ValueError, AssertionError):
            continue
    return whole(_guess(payload))


def whole(text: str) -> str:
    """Text without halves of surrogate pairs, which neither JSON nor a database takes."""
    return text.encode("utf-8", "replace").decode() if _HALF.search(text) else text


def decode_line(line: bytes) -> str:
    """A line of headers, which nothing labels: UTF-8, else the likelier of Cyrillic and Western letters."""
    try:
        return line.decode()
    except ValueError:
        return _cyrillic(line) if _HIGH_WORD.search(line) else line.decode("cp1252", "replace")


def _cyrillic(payload: bytes) -> str:
    texts = [payload.decode(name, "replace") for name in _CYRILLIC_CHARSETS]
    return max(texts, key=lambda text: sum("а" <= c <= "я" for c in text[:5_000]))


def _guess(payload: bytes) -> str:
    sample = payload[:20_000]
    if sample.count(b"\x00") > len(sample) // 10:
        return payload.decode("utf-16", "replace")
    high = sum(byte >= 0xC0 for byte in sample)
    if high > len(sample) * 0.3:  # mostly letters above ASCII: a Cyrillic eight-bit set
        return _cyrillic(payload)
    if high < len(sample) * 0.05:
        return payload.decode("cp1252", "replace")
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:4_000]).best()
    return payload.decode(best.encoding if best else "latin-1", "replace")


def decode_words(text: str) -> str:
    """One header value as text: RFC 2047 words and folded lines."""
    text = text[:MAX_HEADER]
    if "=?" in text:
        try:
            pieces = decode_header(text)
            text = "".join(p if isinstance(p, str) else decode_bytes(p, charset) for p, charset in pieces)
        except (HeaderParseError, ValueError, LookupError, AssertionError):
            pass
    return whole(visible(squeezed(text)).strip())
