"""Builds the bytes of one e-mail: RFC 5322 and MIME with the lean `compat32` classes. Pure; raises `Invalid` only.

Nothing that comes from a lead or a template can add a header: control characters are refused, never cleaned away.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, quote
from functools import lru_cache
from typing import Any

from email_validator import EmailNotValidError, validate_email

from conversations.channels.base import Attachment, Outgoing
from outreach.core.errors import Invalid

_POLICY = compat32.clone(linesep="\r\n", max_line_length=None, mangle_from_=False)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_MESSAGE_ID = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
_SPECIALS = re.compile(r'[()<>@,:;.\\"\[\]]')
MAXIMUM_HEADER_CHARACTERS = 900
"""RFC 5322 ends a line at 998; we fold encoded words and references only."""
OWN_HEADERS = frozenset(
    {
        *("from", "to", "cc", "bcc", "sender", "return-path", "received", "subject", "date"),
        *("message-id", "in-reply-to", "references"),
        *("mime-version", "content-type", "content-transfer-encoding"),
    }
)
"""Headers that only this module writes."""


def build(outgoing: Outgoing, *, address: str, display_name: str, now: datetime) -> bytes:
    """The whole message, CRLF line ends, not yet dot-stuffed. `address` and `display_name` are the sender's.

    A recipient or sender with letters beyond ASCII before the @ gets raw UTF-8 headers (RFC 6532): see `needs_utf8`.
    """
    body = _body(outgoing).as_bytes(policy=_POLICY)
    lines = [
        _address_line("From", address, display_name, field="display_name"),
        _address_line("To", outgoing.address, "", field="address"),
        *_cc_lines(outgoing.copies.cc),
        f"Subject: {_text('Subject', outgoing.subject, field='subject')}",
        f"Date: {format_datetime(now)}",
        *(f"{name}: {value}" for name, value in thread_headers(outgoing, separator="\r\n ").items()),
        *(
            f"{name}: {_text(name, value, field=f'headers.{name}')}"
            for name, value in further_headers(outgoing).items()
        ),
    ]
    return "".join(f"{line}\r\n" for line in lines).encode() + body


def _cc_lines(addresses: Iterable[str]) -> list[str]:
    """The header that names who got a copy, folded at each address."""
    named = [ascii_address(address, field="cc") for address in addresses]
    return ["Cc: " + ",\r\n ".join(named)] if named else []


@lru_cache(maxsize=4096)
def ascii_address(address: str, *, field: str = "address") -> str:
    """The address as sent: the domain in punycode. Raises `Invalid` for anything that is not an address."""
    plain(address, field=field)
    try:
        parsed = validate_email(address, check_deliverability=False, test_environment=True, globally_deliverable=False)
    except EmailNotValidError as error:
        raise Invalid(field, str(error), code="email_invalid") from error
    return f"{parsed.local_part}@{parsed.ascii_domain}"


def needs_utf8(*addresses: str) -> bool:
    """Whether one of the wire addresses can only go through a server with SMTPUTF8."""
    return not all(address.isascii() for address in addresses)


def plain(text: str, *, field: str) -> str:
    """`text`, or `Invalid` when it has a line break or another control character: an attempt to add headers."""
    if _CONTROL.search(text):
        raise Invalid(field, "A header cannot contain line breaks or control characters.", code="header_injection")
    return text


def message_id(text: str, *, field: str) -> str:
    """A Message-ID without angle brackets. Raises `Invalid` for anything else."""
    bare = plain(text, field=field).strip().removeprefix("<").removesuffix(">")
    if not _MESSAGE_ID.fullmatch(bare) or not bare.isascii():
        raise Invalid(field, f"“{text}” is not a Message-ID.", code="message_id_invalid")
    return bare


def thread_headers(outgoing: Outgoing, *, separator: str = " ") -> dict[str, str]:
    """Message-ID, In-Reply-To and References. Raises `Invalid` for anything that is not a Message-ID."""
    headers = {"Message-ID": f"<{message_id(outgoing.rfc_message_id, field='rfc_message_id')}>"}
    if outgoing.in_reply_to:
        headers["In-Reply-To"] = f"<{message_id(outgoing.in_reply_to, field='in_reply_to')}>"
    if references := _references(outgoing):
        headers["References"] = separator.join(f"<{reference}>" for reference in references)
    return headers


def further_headers(outgoing: Outgoing) -> dict[str, str]:
    """The other headers, each checked: a name that may be added, a value of one line."""
    return {_header_name(name): plain(value, field=f"headers.{name}") for name, value in outgoing.headers.items()}


def _references(outgoing: Outgoing) -> list[str]:
    """The chain of the thread, each id once, the message that is answered last (RFC 5322, 3.6.4)."""
    ids: dict[str, None] = {}
    last = [outgoing.in_reply_to] if outgoing.in_reply_to else []
    for reference in [*outgoing.references, *last]:
        bare = message_id(reference, field="references")
        ids.pop(bare, None)
        ids[bare] = None
    return list(ids)


def _header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in OWN_HEADERS:
        raise Invalid(f"headers.{name}", f"The header “{name}” cannot be added.", code="header_invalid")
    return name


def _text(name: str, value: str, *, field: str) -> str:
    plain(value, field=field)
    if len(value) > MAXIMUM_HEADER_CHARACTERS:
        raise Invalid(
            field, f"A header can have at most {MAXIMUM_HEADER_CHARACTERS} characters.", code="header_too_long"
        )
    return value if value.isascii() else Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


def _address_line(name: str, address: str, display_name: str, *, field: str) -> str:
    """One address header as a line: written here because the standard library knows no raw UTF-8 with compat32."""
    wire = ascii_address(address)
    shown = plain(display_name, field=field).strip()
    if not shown:
        return f"{name}: {wire}"
    if not shown.isascii():
        encoded = Header(shown, "utf-8", header_name=name, maxlinelen=72).encode(linesep="\r\n")
        return f"{name}: {encoded}\r\n <{wire}>"
    phrase = f'"{quote(shown)}"' if _SPECIALS.search(shown) else shown
    return f"{name}: {phrase} <{wire}>"


def _body(outgoing: Outgoing) -> Message:
    """Text; or text and HTML with inline images; plus attached files around it."""
    text = _part(outgoing.body, "plain")
    if not outgoing.body_html and not outgoing.attachments:
        text["MIME-Version"] = "1.0"
        return text
    boundary = f"=_{hashlib.sha256(outgoing.rfc_message_id.encode()).hexdigest()[:30]}"
    shown = [
        file for file in outgoing.attachments if file.content_id and f"cid:{file.content_id}" in outgoing.body_html
    ]
    body: Message = text
    if outgoing.body_html:
        rich: Message = _part(outgoing.body_html, "html")
        if shown:
            rich = MIMEMultipart("related", f"{boundary}-r", [rich, *map(file_part, shown)], type="text/html")
        body = MIMEMultipart("alternative", boundary, [text, rich])
    others = [file_part(file) for file in outgoing.attachments if file not in shown]
    if not others:
        return body
    del body["MIME-Version"]
    return MIMEMultipart("mixed", f"{boundary}-m", [body, *others])


def file_part(file: Attachment) -> MIMENonMultipart:
    """One file in base64; its name as RFC 2231 where it is not ASCII."""
    kind, _slash, subtype = file.media_type.partition("/")
    if not _TOKEN.fullmatch(kind) or not _TOKEN.fullmatch(subtype) or kind in {"multipart", "message"}:
        kind, subtype = "application", "octet-stream"
    name = plain(file.name, field="files")
    part = MIMENonMultipart(kind, subtype)
    del part["MIME-Version"]
    part["Content-Transfer-Encoding"] = "base64"
    shown: Any = name if name.isascii() else ("utf-8", "", name)
    part.add_header("Content-Disposition", "inline" if file.content_id else "attachment", filename=shown)
    if file.content_id:
        part["Content-ID"] = f"<{message_id(file.content_id, field='files')}>"
    part.set_payload(base64.encodebytes(file.content).decode("ascii").rstrip("\n"))
    return part


def _part(text: str, subtype: str) -> MIMENonMultipart:
    text = "\n".join(_lines(text)) + "\n"
    if "\0" in text:
        raise Invalid("body", "A message cannot contain NUL characters.", code="body_invalid")
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    del part["MIME-Version"]
    encoding = _encoding(text)
    if encoding is None:
        part["Content-Transfer-Encoding"] = "7bit"
        part.set_payload(text)
        return part
    charset = Charset("utf-8")
    charset.body_encoding = encoding
    part.set_payload(text.replace("\n", "\r\n") if encoding == BASE64 else text, charset)
    del part["MIME-Version"]
    return part


def _lines(text: str) -> Iterable[str]:
    return _LINE_BREAK.split(text.removesuffix("\n"))


def _encoding(text: str) -> int | None:
    """7bit where it fits, quoted-printable for mostly Latin text, base64 for other scripts: the shortest readable form."""
    if text.isascii() and all(len(line) <= 990 for line in text.split("\n")):
        return None
    foreign = sum(not character.isascii() for character in text)
    return BASE64 if foreign * 4 > len(text) else QP
