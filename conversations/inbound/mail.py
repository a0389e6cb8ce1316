"""Raw bytes of an e-mail → typed `Mail`. Pure; survives wrong charsets, broken MIME and absurd sizes.

Parsing uses `policy.compat32`, which costs a sixth of the modern policy on large notices and never raises on bad
headers; headers are decoded here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from lxml import etree
from lxml import html as lxml_html

MAX_BYTES = 10 * 1024 * 1024
"""More than this of a mail is not read: texts stand in front, attachments behind."""
MAX_TEXT = 200_000
"""Characters of text that are looked at."""
MAX_PARTS = 200

_ID = re.compile(r"<([^<>\s]+)>")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_INVISIBLE = re.compile("[\x00\u200b-\u200f\u2060\ufeff\u00ad]")
_MANY_BREAKS = re.compile(r"\n{3,}")
_TAG = re.compile(r"<[^>]{0,2000}>")
_CYRILLIC_CHARSETS = ("utf-8", "cp1251", "koi8-r")


@dataclass(frozen=True)
class Mail:
    """An e-mail as the readers see it. Ids come without angle brackets, addresses in lower case."""

    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    from_address: str = ""
    from_name: str = ""
    reply_to: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    attachments: tuple[str, ...] = ()
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    is_truncated: bool = False
    root: Message = field(default_factory=Message, repr=False, compare=False)
    """The parsed tree, for readers of notices."""

    def header(self, name: str) -> str:
        """The first header of that name, decoded, or an empty text."""
        return next(iter(self.headers.get(name.lower(), ())), "")

    @property
    def thread_ids(self) -> tuple[str, ...]:
        """Ids of earlier messages, the likeliest answered one first: In-Reply-To, then References from the end."""
        return tuple(dict.fromkeys((*((self.in_reply_to,) if self.in_reply_to else ()), *reversed(self.references))))


def parse(raw: bytes) -> Mail:
    """Read one e-mail. Never raises: what cannot be read is left empty."""
    root = message_from_bytes(raw[:MAX_BYTES])
    headers = _headers(root)

    def first(name: str) -> str:
        return next(iter(headers.get(name, ())), "")

    from_name, from_address = _address(first("from") or first("sender"))
    return Mail(
        message_id=next(iter(ids(first("message-id"))), first("message-id").strip("<> ")),
        in_reply_to=next(iter(ids(first("in-reply-to"))), ""),
        references=tuple(dict.fromkeys(ids(" ".join(headers.get("references", ()))))),
        from_address=from_address,
        from_name=from_name,
        reply_to=_address(first("reply-to"))[1],
        to=_addresses(headers, "to", "delivered-to", "x-original-to"),
        cc=_addresses(headers, "cc"),
        subject=first("subject"),
        date=_date(first("date")),
        text=_text(root),
        attachments=tuple(_attachments(root)),
        headers=headers,
        is_truncated=len(raw) > MAX_BYTES,
        root=root,
    )


def ids(text: str) -> tuple[str, ...]:
    """The message ids in a header, without angle brackets, in order."""
    return tuple(_ID.findall(text[:20_000]))


def addresses_in(text: str) -> list[str]:
    """E-mail addresses in running text, lower case, in order, each once."""
    found = (match.strip(".,;:!?<>[]'\"*_").lower() for match in _ADDRESS.findall(text[:MAX_TEXT]))
    return list(dict.fromkeys(a.removeprefix("mailto:") for a in found if "." in a.rpartition("@")[2]))


def walk(root: Message) -> Iterator[Message]:
    """All parts, bounded, so that a tree of ten thousand parts costs nothing."""
    stack, seen = [root], 0
    while stack and seen < MAX_PARTS:
        part = stack.pop()
        seen += 1
        yield part
        if part.is_multipart():
            payload = part.get_payload()
            if isinstance(payload, list):
                stack.extend(p for p in reversed(payload[:MAX_PARTS]) if isinstance(p, Message))


def decode_bytes(payload: bytes, charset: str | None) -> str:
    """Bytes as text whatever the label says: the named charset, UTF-8, the best guess, never an exception."""
    for name in (charset, "utf-8"):
        try:
            if name:
                return payload.decode(name)
        except (LookupError, ValueError):
            continue
    return _guess(payload)


def _guess(payload: bytes) -> str:
    from charset_normalizer import from_bytes

    sample = payload[:20_000]
    high = sum(byte >= 0xC0 for byte in sample)
    if high > len(sample) * 0.3:  # mostly letters above ASCII: a Cyrillic eight-bit set
        texts = [payload.decode(name, "replace") for name in _CYRILLIC_CHARSETS[1:]]
        return max(texts, key=lambda text: sum("а" <= c <= "я" for c in text[:5_000]))
    best = from_bytes(sample).best()
    return payload.decode(best.encoding if best else "latin-1", "replace")


def part_text(part: Message) -> str:
    """The text of one leaf part, decoded."""
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        try:
            charset = part.get_content_charset()
        except (LookupError, ValueError):
            charset = None
        return decode_bytes(payload[: MAX_TEXT * 4], charset).replace("\r\n", "\n").replace("\r", "\n")
    return ""


def decode(value: object) -> str:
    """One header value as text: RFC 2047 words, raw eight-bit bytes and folded lines."""
    text = str(value)[:20_000]
    if any("\ud800" <= c <= "\udfff" for c in text):
        text = decode_bytes(text.encode("utf-8", "surrogateescape"), None)
    if "=?" in text:
        try:
            pieces = decode_header(text)
            text = "".join(p if isinstance(p, str) else decode_bytes(p, charset) for p, charset in pieces)
        except (ValueError, LookupError):
            pass
    return _INVISIBLE.sub("", re.sub(r"\s+", " ", text)).strip()


def _headers(root: Message) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, value in root.raw_items() if hasattr(root, "raw_items") else root.items():
        found.setdefault(str(name).lower(), []).append(decode(value))
    return {name: tuple(values) for name, values in found.items()}


def _address(value: str) -> tuple[str, str]:
    pairs = getaddresses([value]) if value else []
    for name, address in pairs:
        if "@" in address:
            return name.strip(), address.strip().lower()
    found = addresses_in(value)
    return ("", found[0]) if found else ("", "")


def _addresses(headers: dict[str, tuple[str, ...]], *names: str) -> tuple[str, ...]:
    values = [value for name in names for value in headers.get(name, ())]
    return tuple(dict.fromkeys(a.strip().lower() for _, a in getaddresses(values[:50]) if "@" in a))


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _is_attachment(part: Message) -> bool:
    disposition = str(part.get("content-disposition", "")).lower()
    return disposition.startswith("attachment") or (not disposition.startswith("inline") and bool(_file_name(part)))


def _file_name(part: Message) -> str:
    try:
        return decode(part.get_filename() or "")
    except (LookupError, ValueError, TypeError):
        return ""


def _attachments(root: Message) -> Iterator[str]:
    for part in walk(root):
        if not part.is_multipart() and _is_attachment(part):
            yield _file_name(part) or part.get_content_type()


def _text(root: Message) -> str:
    """The text a person reads: text/plain of the first alternatives, else HTML turned into text."""
    plain: list[str] = []
    html: list[str] = []
    for part in _readable(root):
        kind = part.get_content_type()
        if kind == "text/plain":
            plain.append(part_text(part))
        elif kind == "text/html":
            html.append(part_text(part))
    text = "\n".join(plain)[:MAX_TEXT]
    if not text.strip() and html:
        text = html_to_text("\n".join(html))
    return clean(text)


def _readable(root: Message) -> Iterator[Message]:
    """Leaf parts outside attached messages and attachments."""
    stack = [root]
    for _ in range(MAX_PARTS):
        if not stack:
            return
        part = stack.pop()
        if part.get_content_maintype() == "message":
            continue
        if part.is_multipart():
            payload = part.get_payload()
            stack.extend(p for p in reversed(payload[:MAX_PARTS]) if isinstance(p, Message))  # type: ignore[index]
        elif not _is_attachment(part):
            yield part


def clean(text: str) -> str:
    """Text without invisible characters, with plain line breaks and no trailing blanks."""
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.replace("\u00a0", " ").rstrip() for line in text.split("\n")).strip("\n")


# --- HTML ------------------------------------------------------------------------------------------------------------

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset({"script", "style", "head", "title", "meta", "link", "template", "noscript", "svg"})
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote"})
_CUT_IDS = re.compile(
    r"^(x_)*(divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION)$"
)
_CUT_CLASSES = re.compile(
    r"(^|\s)(x_)*(OutlookMessageHeader|yahoo_quoted|protonmail_quote|ms-outlook-mobile-reference-message|zmail_extra"
    r"|yandex-quote|moz-forward-container)(\s|$)"
)
_SIGNATURE_CLASSES = re.compile(r"(^|\s)(gmail_signature|moz-signature|protonmail_signature_block)(\s|$)")
_OUTLOOK_RULE = re.compile(r"border-top:\s*solid\s*#(?:b5c4df|e1e1e1)", re.IGNORECASE)
CUT_MARK = "-----Original Message-----"
"""Written where the markup says that everything below is an earlier message."""


def html_to_text(html: str) -> str:
    """HTML as a person would read it, quotes marked with `>` and an earlier message announced by `CUT_MARK`."""
    html = _INVISIBLE.sub("", html[: MAX_TEXT * 5])
    # comments and conditional markup confuse the reader; an encoding declaration forbids parsing text
    html = re.sub(r"<\?xml[^>]{0,300}\?>", "", html)
    try:
        tree = lxml_html.document_fromstring(html, parser=lxml_html.HTMLParser(recover=True, remove_comments=True))
    except (etree.LxmlError, ValueError, AssertionError):
        return clean(_TAG.sub(" ", html))
    writer = _Writer()
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        if isinstance(node.tag, str):
            (writer.open if event == "start" else writer.close)(node)
    text = writer.text()
    return text if text.strip() else clean(_TAG.sub(" ", html))


class _Writer:
    """Collects lines while the tree is walked, without recursion."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.depth = 0
        self.silent = 0
        self.pre = 0

    def open(self, node: etree._Element) -> None:
        tag = node.tag.lower()
        if tag in _SILENT:
            self.silent += 1
            return
        if self.silent:
            return
        if tag in _BLOCKS:
            self.end_line()
        self._mark(node, tag)
        if tag in _SPACED:
            self.blank()
        if tag == "blockquote":
            self.depth += 1
        elif tag == "br":
            self.end_line(is_forced=True)
        elif tag == "li":
            self.line = "- "
        elif tag == "pre":
            self.pre += 1
        self.write(node.text)

    def close(self, node: etree._Element) -> None:
        tag = node.tag.lower()
        if tag in _SILENT:
            self.silent -= 1
        elif not self.silent:
            if tag in _BLOCKS:
                self.end_line()
            if tag == "blockquote":
                self.depth -= 1
            if tag in _SPACED:
                self.blank()
            if tag == "pre":
                self.pre -= 1
            if tag in {"td", "th"} and self.line:
                self.line += " "
        if not self.silent:
            self.write(node.tail)

    def _mark(self, node: etree._Element, tag: str) -> None:
        classes, style = node.get("class", ""), node.get("style", "")
        if _CUT_IDS.match(node.get("id", "")) or _CUT_CLASSES.search(classes) or _OUTLOOK_RULE.search(style):
            self.end_line()
            self.lines.append(CUT_MARK)
        elif tag != "body" and _SIGNATURE_CLASSES.search(classes):
            self.end_line()
            self.lines.append("> " * self.depth + "--")

    def write(self, text: str | None) -> None:
        if not text:
            return
        if self.pre:
            first, *rest = text.split("\n")
            self.line += first
            for line in rest:
                self.end_line(is_forced=True)
                self.line = line
            return
        text = _BLANKS.sub(" ", re.sub(r"\s+", " ", text))
        self.line += text.lstrip() if not self.line or self.line.endswith(" ") else text

    def end_line(self, *, is_forced: bool = False) -> None:
        if self.line.strip() or is_forced:
            self.lines.append((("> " * self.depth) + self.line.strip()).rstrip())
        self.line = ""

    def blank(self) -> None:
        mark = ("> " * self.depth).rstrip()
        if self.lines and self.lines[-1] != mark:
            self.lines.append(mark)

    def text(self) -> str:
        self.end_line()
        return clean(_MANY_BREAKS.sub("\n\n", "\n".join(self.lines)))[:MAX_TEXT]
