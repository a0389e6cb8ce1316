"""What a notice returns: the Message-ID and recipients of our message, from its part or from a copy in the text. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from conversations.reading import mime
from conversations.reading.addresses import addresses_in, parse_addresses
from conversations.reading.html import html_to_text
from conversations.reading.mail import Mail, ids
from conversations.reading.mime import Part
from conversations.reading.text import clean

_MESSAGES = frozenset({"message/rfc822", "message/global"})
_HEADERS = frozenset({"text/rfc822-headers", "message/global-headers", "message/rfc822-headers", "text/rfc822-header"})
_MESSAGE_ID = re.compile(r"^[ \t>]*Message-ID:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
_TO = re.compile(r"^[ \t>]*To:[ \t]*(.{1,300})$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Returned:
    """Ids of the returned message and the addresses that it went to."""

    ids: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    is_attached: bool = False


def read_returned(mail: Mail) -> Returned:
    """The returned message of a notice, as far as it is told."""
    found = Returned()
    for part in mail.root.walk():
        if part.kind in _MESSAGES and part.parts:
            found = _of_headers(part.parts[0].headers)
        elif part.kind in _HEADERS:
            found = _of_headers(mime.parse(part.payload(mime.MAX_HEADER_BLOCK).lstrip()).headers)
        if found.ids or found.to:
            return replace(found, is_attached=True)
    return _in_text(text_of(mail.root) or mail.text)


def text_of(root: Part) -> str:
    """All text of a notice, also what a mail program would show as attachment; HTML only where nothing else is there."""
    texts = [
        p for p in root.walk(is_deep=False) if p.kind.startswith("text/") and not p.parts and p.kind not in _HEADERS
    ]
    plain = [p.text for p in texts if p.kind != "text/html"]
    if not any(text.strip() for text in plain):
        plain = [html_to_text(p.text) for p in texts[:3]]
    return clean("\n".join(plain)[:100_000])


def _of_headers(headers: dict[str, list[str]]) -> Returned:
    to = tuple(a.address for value in headers.get("to", [])[:5] for a in parse_addresses(value) if a.address)
    return Returned(ids(" ".join(headers.get("message-id", [])[:2])), to[:20])


def _in_text(text: str) -> Returned:
    match = _MESSAGE_ID.search(text)
    if match is None:
        return Returned()
    near = text[max(0, match.start() - 2_000) : match.end() + 2_000]
    to = _TO.search(near)
    return Returned(ids(match[1]), tuple(addresses_in(to[1])[:20]) if to else ())
