"""Raw bytes of an e-mail → typed `Mail`: headers decoded, the text that a person reads, what else is in it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from conversations.reading import mime, smime, tnef
from conversations.reading.addresses import Address, parse_address, parse_addresses
from conversations.reading.calendars import CalendarAnswer, merged, of_message_class, read_calendar
from conversations.reading.html import html_to_text, may_hide, read_html
from conversations.reading.mime import MAX_BYTES, Part
from conversations.reading.text import MAX_TEXT, clean, decode_words, squeezed, visible

_ID = re.compile(r"<([^<>\s]+)>")
_CALENDAR_KINDS = frozenset({"text/calendar", "application/ics", "application/x-ics", "text/x-vcalendar"})
_SIGNED_KINDS = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_TNEF_KINDS = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SEALS = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
_VIA = re.compile(r"\b(?:via|über|through|через|par|vía)\b", re.IGNORECASE)
_DMARC_FAILED = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)
_LIST_HEADERS = ("list-id", "x-google-group-id", "x-mailman-version", "list-post")


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
    calendar: CalendarAnswer | None = None
    unreadable: str = ""
    """Why the text cannot be read: `encrypted`; or `truncated` where only its beginning was."""
    is_truncated: bool = False
    hidden: tuple[str, ...] = ()
    """Text that the HTML hides from readers; it is no part of `text`."""
    root: Part = field(default_factory=Part, repr=False, compare=False)
    """The MIME tree, for readers of notices."""

    def header(self, name: str) -> str:
        """The first header of that name, decoded, or an empty text."""
        return self.root.header(name.lower())

    @property
    def is_sender_doubted(self) -> bool:
        """Whether the receiving server says that From isn't who sent it: DMARC failed (RFC 8601).

        Servers add their headers on top, so the first is theirs; anything below may come from whoever wrote the mail.
        """
        return bool(_DMARC_FAILED.search(self.root.raw("authentication-results")[:5_000]))

    @property
    def thread_ids(self) -> tuple[str, ...]:
        """Ids of earlier messages, the likeliest answered one first: In-Reply-To, then References from the end."""
        return tuple(dict.fromkeys((*((self.in_reply_to,) if self.in_reply_to else ()), *reversed(self.references))))


def parse(raw: bytes) -> Mail:
    """Read one e-mail. Never raises: what cannot be read is left empty."""
    root = mime.parse(raw)
    sender = _author(root)
    content = _Content()
    for part in _readable(root):
        content.take(part, sender=sender.address)
    text, hidden = content.text()
    message_id = root.raw("message-id")
    return Mail(
        message_id=next(iter(ids(message_id)), decode_words(message_id).strip("<> ")),
        in_reply_to=next(iter(ids(root.raw("in-reply-to"))), ""),
        references=tuple(dict.fromkeys(ids(" ".join(root.headers.get("references", [])[:20])))),
        from_address=sender.address,
        from_name=sender.name,
        reply_to=parse_address(root.headers.get("reply-to", [])[:5]).address,
        to=_addresses(root, "to", "delivered-to", "x-original-to", "envelope-to"),
        cc=_addresses(root, "cc"),
        subject=root.header("subject"),
        date=_date(root.header("date")),
        text=text,
        attachments=tuple(content.files[:100]),
        calendar=content.calendar,
        unreadable="" if text.strip() else content.unreadable,
        is_truncated=len(raw) > MAX_BYTES,
        hidden=hidden,
        root=root,
    )


def ids(text: str) -> tuple[str, ...]:
    """The message ids in a header, without angle brackets, in order."""
    return tuple(_ID.findall(visible(text[:20_000])))


def _author(root: Part) -> Address:
    """Who wrote: From, or the person that a list or group names because it puts itself there."""
    sender = parse_address([*root.headers.get("from", [])[:5], *root.headers.get("sender", [])[:5]])
    if not any(root.raw(name) for name in _LIST_HEADERS):
        return sender
    told = parse_address([*root.headers.get("x-original-from", []), *root.headers.get("x-original-sender", [])])
    is_rewritten = sender.address in root.raw("list-post").lower() or bool(_VIA.search(sender.name))
    if told.address and is_rewritten:
        return Address(told.name or _VIA.split(sender.name)[0].strip(" '\""), told.address)
    answer_to = parse_address(root.headers.get("reply-to", [])[:5])
    if is_rewritten and answer_to.address and answer_to.address not in root.raw("list-post").lower():
        return Address(answer_to.name or _VIA.split(sender.name)[0].strip(" '\""), answer_to.address)
    return sender


def _addresses(root: Part, *names: str) -> tuple[str, ...]:
    values = [value for name in names for value in root.headers.get(name, [])[:50]]
    return tuple(dict.fromkeys(a.address for value in values for a in parse_addresses(value) if "@" in a.address))


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value[:200])
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _readable(root: Part) -> list[Part]:
    """Leaves of the message itself, in order; a signed content is opened in place."""
    found: list[Part] = []
    stack = [root]
    while stack and len(found) < mime.MAX_PARTS:
        part = stack.pop()
        if part.kind.startswith("message/"):
            found.append(part)
        elif part.parts:
            stack.extend(reversed(part.parts))
        elif part.kind in _SIGNED_KINDS and (inner := smime.signed_content(part.payload())):
            part.parts = [mime.parse(inner)]
            stack.extend(part.parts)
        else:
            found.append(part)
    return found


class _Content:
    """What the leaves of a mail hold."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.html: list[str] = []
        self.files: list[str] = []
        self.calendar: CalendarAnswer | None = None
        self.unreadable = ""

    def take(self, part: Part, *, sender: str) -> None:
        """Note what is in one leaf."""
        kind = part.kind
        if kind.startswith("message/") or kind in _SEALS:
            if part.disposition == "attachment" or kind == "message/rfc822":
                self.files.append(part.file_name or "message.eml")
        elif kind in _CALENDAR_KINDS or part.file_name.lower().endswith(".ics"):
            method = part.parameters.get("method", "")
            self.calendar = self.calendar or read_calendar(part.text, method=method, sender=sender)
            if part.is_attachment:
                self.files.append(part.file_name or "invite.ics")
        elif kind in _TNEF_KINDS or part.file_name.lower() == "winmail.dat":
            self._take_tnef(part)
        elif kind in _SIGNED_KINDS or kind == "application/pgp-encrypted":
            self.unreadable = "encrypted"
        elif part.is_attachment:
            self.files.append(part.file_name or kind)
        elif kind == "text/plain":
            self.plain.append(part.text)
        elif kind == "text/html":
            self.html.append(part.text)
        elif not kind.startswith(("text/", "multipart/")):
            self.files.append(part.file_name or kind)

    def _take_tnef(self, part: Part) -> None:
        found = tnef.read_tnef(part.payload())
        if found is None:
            self.unreadable = self.unreadable or "winmail.dat"
            self.files.append(part.file_name or "winmail.dat")
            return
        if found.html and not any(text.strip() for text in self.html):
            self.html.append(found.html)
        if found.text and not any(text.strip() for text in self.plain):
            self.plain.append(found.text)
        self.files.extend(found.files)
        if (answer := of_message_class(found.message_class)) and self.calendar is None:
            self.calendar = merged(answer, starts_at=found.starts_at, ends_at=found.ends_at)

    def text(self) -> tuple[str, tuple[str, ...]]:
        """The text that a person reads and what is hidden from them: plain text, else HTML turned into text."""
        plain, html = "\n".join(self.plain)[: MAX_TEXT * 2], "\n".join(self.html)
        if not plain.strip():
            text, hidden = read_html(html) if html.strip() else ("", ())
            return clean(text)[:MAX_TEXT], hidden
        hidden = read_html(html)[1] if html and may_hide(html) else ()
        if hidden:
            plain = _without(plain, hidden)
        if (
            "<" in plain
            and re.search(r"<(?:html|body|div|p|br|table)\b[^>]{0,500}>", plain[:3_000], re.IGNORECASE)
            and plain.lstrip().startswith("<")
        ):
            plain = html_to_text(plain)
        return clean(plain)[:MAX_TEXT], hidden


def _without(text: str, hidden: tuple[str, ...]) -> str:
    """The plain text that a program made of HTML, without what the HTML hides."""
    for words in hidden[:50]:
        if len(words) >= 4 and words in squeezed(text):
            loose = r"\s+".join(re.escape(word) for word in words.split()[:200])
            text = re.sub(loose, "", text, count=1)
    return text
