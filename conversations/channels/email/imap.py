"""Signing in to a mailbox over IMAP and finding its special folders (RFC 6154)."""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from collections.abc import Iterator
from typing import Any

from conversations.channels.base import Fault, NotSent
from conversations.channels.email import oauth
from conversations.channels.email.account import Server

_WELL_KNOWN = {
    r"\Sent": ("Sent", "Sent Items", "Sent Messages", "INBOX.Sent", "[Gmail]/Sent Mail", "Отправленные"),
    r"\Junk": ("Junk", "Spam", "Junk E-mail", "Junk Email", "INBOX.Junk", "INBOX.Spam", "[Gmail]/Spam", "Спам"),
}


@contextlib.contextmanager
def signed_in(server: Server) -> Iterator[Any]:
    """A signed-in `imap_tools` mailbox with no folder chosen. Raises `NotSent` (sender or passing fault)."""
    from imap_tools import MailBox, MailboxLoginError, MailBoxStartTls, MailBoxUnencrypted

    where = f"{server.host}:{server.port}"
    try:
        if server.security == "plain":
            mailbox: Any = MailBoxUnencrypted(server.host, server.port, timeout=server.timeout_seconds)
        elif server.security == "starttls":
            mailbox = MailBoxStartTls(
                server.host, server.port, timeout=server.timeout_seconds, ssl_context=server.tls_context()
            )
        else:
            mailbox = MailBox(
                server.host, server.port, timeout=server.timeout_seconds, ssl_context=server.tls_context()
            )
    except ssl.SSLError as error:
        raise NotSent(
            Fault.SENDER, "tls_failed", f"No encrypted connection to {where}. Check port and encryption: {error}"
        ) from error
    except (OSError, imaplib.IMAP4.error) as error:
        raise NotSent(Fault.PASSING, "no_connection", f"{where} cannot be reached: {error}") from error
    try:
        try:
            if server.grant is None:
                mailbox.login(server.username, server.password, initial_folder=None)
            else:
                _sign_in_by_token(mailbox, server.username, server.grant)
        except (MailboxLoginError, imaplib.IMAP4.error) as error:
            raise NotSent(
                Fault.SENDER, "imap_sign_in", f"{where} rejected the user name or password: {_short(error)}"
            ) from error
        except OSError as error:
            raise NotSent(Fault.PASSING, "no_connection", f"{where} cannot be reached: {error}") from error
        yield mailbox
    finally:
        with contextlib.suppress(Exception):
            mailbox.logout()


def _sign_in_by_token(mailbox: Any, username: str, grant: oauth.Grant) -> None:
    """XOAUTH2; a token that is refused before its time is renewed once."""
    from imap_tools import MailboxLoginError

    try:
        mailbox.xoauth2(username, oauth.access_token(grant), initial_folder=None)
    except (MailboxLoginError, imaplib.IMAP4.error):
        mailbox.xoauth2(username, oauth.access_token(grant, is_new=True), initial_folder=None)


def special_folder(mailbox: Any, mark: str, configured: str = "") -> str | None:
    """The folder marked `mark` (`\\Sent`, `\\Junk`), the configured one, or one of the usual names; None without any."""
    folders = list(mailbox.folder.list())
    names = {folder.name for folder in folders}
    if configured:
        return configured if configured in names else None
    for folder in folders:
        if mark in folder.flags:
            return str(folder.name)
    return next((name for name in _WELL_KNOWN[mark] if name in names), None)


def _short(error: Exception) -> str:
    result = getattr(error, "command_result", None)
    return str(result if result is not None else error)[:200]
