"""The servers as pytest fixtures; import them in a conftest."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers.fake_esp import FakeEsp
from tests.servers.fake_smartlead import FakeSmartlead
from tests.servers.fake_twilio import FakeTwilio
from tests.servers.imap_server import PASSWORD, ImapServer, dovecot
from tests.servers.smtp_sink import SmtpSink

_numbers = itertools.count(1)


@dataclass
class Mailbox:
    """One mailbox of its own on the shared IMAP server."""

    server: ImapServer
    user: str

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "imap_host": "127.0.0.1",
            "imap_port": self.server.port,
            "imap_security": "plain",
            "imap_username": self.user,
            "timeout_seconds": 10,
        }

    @property
    def password(self) -> str:
        return self.server.password

    def deliver(self, raw: bytes, folder: str = "INBOX") -> Path:
        return self.server.deliver(raw, folder, user=self.user)

    def renumber(self, folder: str = "INBOX") -> None:
        self.server.renumber(folder, user=self.user)

    def flags(self, folder: str = "INBOX") -> list[str]:
        return self.server.flags(folder, user=self.user)


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def fake_twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as twilio:
        yield twilio


@pytest.fixture(scope="session")
def imap_server() -> Iterator[ImapServer]:
    if dovecot() is None:
        pytest.skip("Dovecot is not installed (apt install dovecot-imapd)")
    with ImapServer(password=PASSWORD) as server:
        yield server


@pytest.fixture
def mailbox(imap_server: ImapServer) -> Mailbox:
    return Mailbox(imap_server, f"me{next(_numbers)}@firm.example")


@pytest.fixture
def fake_esp() -> Iterator[FakeEsp]:
    with FakeEsp() as esp:
        yield esp


@pytest.fixture
def fake_smartlead() -> Iterator[FakeSmartlead]:
    with FakeSmartlead() as smartlead:
        yield smartlead
