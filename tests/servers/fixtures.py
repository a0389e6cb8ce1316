"""The servers as pytest fixtures; `from tests.servers.fixtures import smtp_sink, fake_twilio` in a conftest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.fake_twilio import FakeTwilio
from tests.servers.smtp_sink import SmtpSink


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def fake_twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as twilio:
        yield twilio
