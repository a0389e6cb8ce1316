"""Builds raw mails for the tests of this folder; all names are made up."""

from __future__ import annotations

from base64 import encodebytes
from datetime import UTC, datetime

from conversations.reading import incoming
from conversations.reading.incoming import Incoming

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
IN_THREAD = "In-Reply-To: <out-1@northwind.example>\nReferences: <out-1@northwind.example>\n"


def letter(
    body: str = "",
    *,
    subject: str = "Re: Rota planning",
    sender: str = "Ben Ruiz <ben.ruiz@acme.example>",
    date: str = "Wed, 4 Mar 2026 10:15:00 +0100",
    headers: str = IN_THREAD,
    kind: str = "text/plain; charset=utf-8",
) -> bytes:
    """One part, eight-bit."""
    head = f"From: {sender}\nTo: Ann Vale <ann@northwind.example>\nSubject: {subject}\nDate: {date}\nMessage-ID: <c@mail.acme.example>\n"
    return f"{head}{headers}MIME-Version: 1.0\nContent-Type: {kind}\n\n{body}\n".encode()


def parts(*given: tuple[str, str | bytes], kind: str = "mixed", **options: str) -> bytes:
    """A multipart of (content type and further header lines, content)."""
    written = []
    for head, content in given:
        if isinstance(content, bytes):
            head, content = f"{head}\nContent-Transfer-Encoding: base64", encodebytes(content).decode()
        written.append(f"--b\nContent-Type: {head}\n\n{content}\n")
    return letter("".join(written) + "--b--", kind=f'multipart/{kind}; boundary="b"', **options)


def read(raw: bytes) -> Incoming:
    return incoming.read(raw, now=NOW)
