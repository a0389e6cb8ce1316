"""What arrives in these tests, and its handling."""

from __future__ import annotations

from conversations.inbound import handling, services
from conversations.inbound.models import InboundEvent
from conversations.models import Message


def answer(to: Message, body: str, *, sender: str = "sam@acme.de", headers: str = "", number: int = 1) -> str:
    return f"From: Sam <{sender}>\nTo: {to.sender.address}\nSubject: Re: {to.subject}\nMessage-ID: <r{number}@acme.de>\nIn-Reply-To: <{to.rfc_message_id}>\n{headers}Content-Type: text/plain; charset=utf-8\n\n{body}\n"


def receive(raw: str, *, source: str = "imap", number: int = 1, sender=None) -> InboundEvent:
    event = services.store(source=source, external_id=f"x{number}", sender=sender, body=raw.encode())
    assert event is not None
    handling.handle(event)
    return event
