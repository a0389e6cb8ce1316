from tests.servers.fixtures import fake_twilio, imap_server, mailbox, smtp_sink

__all__ = ["fake_twilio", "imap_server", "mailbox", "smtp_sink"]
