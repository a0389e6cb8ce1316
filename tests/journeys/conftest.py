from typing import Any

import pytest

from tests.browser.conftest import *  # noqa: F403 - the same browser for the long way
from tests.servers.fixtures import fake_twilio, imap_server, mailbox, smtp_sink

__all__ = ["fake_twilio", "imap_server", "mailbox", "smtp_sink"]


@pytest.fixture(autouse=True)
def every_domain_takes_mail(settings: Any) -> None:
    """The lists of the journeys name firms that exist nowhere."""
    settings.DNS_TABLE = {"*": {"MX": ["mx.firm.de"], "TXT": ["v=spf1 mx -all", "v=DMARC1; p=reject"]}}
