"""One message as anymail takes it. Nothing that comes from a lead or a template can add a header."""

from __future__ import annotations

from typing import Any

from conversations.channels.base import Account, Outgoing
from conversations.channels.email import mime
from conversations.channels.providers.news import METADATA


def letter(account: Account, outgoing: Outgoing, *, switches_tracking: bool, headers: dict[str, str]) -> Any:
    """An `EmailMultiAlternatives` with anymail's attributes. Raises `Invalid` for what no header may hold."""
    from django.core.mail import EmailMultiAlternatives
    from django.core.mail.message import sanitize_address

    sender = mime.ascii_address(account.address)
    name = mime.plain(account.display_name, field="display_name").strip()
    message: Any = EmailMultiAlternatives(
        subject=mime.plain(outgoing.subject, field="subject"),
        body=outgoing.body,
        from_email=sanitize_address((name, sender), "utf-8") if name else sender,
        to=[mime.ascii_address(outgoing.address)],
        cc=[mime.ascii_address(address) for address in outgoing.copies.cc],
        bcc=[mime.ascii_address(address) for address in outgoing.copies.bcc],
        headers={**mime.thread_headers(outgoing), **mime.further_headers(outgoing), **headers},
    )
    if outgoing.body_html:
        message.attach_alternative(outgoing.body_html, "text/html")
    for file in outgoing.attachments:
        message.attach(mime.file_part(file))
    message.metadata = {METADATA: str(outgoing.id)}
    if switches_tracking:  # what is counted is counted by ourselves, and only where a stream chose it
        message.track_opens = message.track_clicks = False
    return message
