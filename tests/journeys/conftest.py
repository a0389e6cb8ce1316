from tests.browser.conftest import *  # noqa: F403 - the same browser for the long way
from tests.servers.fixtures import fake_twilio, imap_server, mailbox, smtp_sink

__all__ = ["fake_twilio", "imap_server", "mailbox", "smtp_sink"]
