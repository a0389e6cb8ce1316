from tests.servers.fixtures import fake_esp, fake_smartlead, fake_twilio, imap_server, mailbox, smtp_sink

__all__ = ["fake_esp", "fake_smartlead", "fake_twilio", "imap_server", "mailbox", "smtp_sink"]
