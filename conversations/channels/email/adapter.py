"""E-mail over SMTP: one session per account and thread."""

from __future__ import annotations

import os
import re
import threading
import weakref

from conversations.channels import fields
from conversations.channels.base import Accepted, Account, Evidence, Fault, Finding, NotSent, Outgoing
from conversations.channels.email import imap, mime, oauth, signing
from conversations.channels.email.account import INFO, imap_server, smtp_server
from conversations.channels.email.connection import Connection, Stale
from outreach.core import clock
from outreach.core.errors import Invalid

_HOST = re.compile(r"[\w.-]+|[0-9a-fA-F:.]+")


class _Kept(threading.local):
    """The sessions of this thread by account, and the process that opened them: a fork must not share them."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.connections: dict[int, tuple[Account, Connection]] = {}


class SmtpAdapter:
    """Implements `conversations.channels.base.Adapter`."""

    name = INFO.name
    channels = INFO.channels

    def __init__(self) -> None:
        self._kept = _Kept()
        self._all: weakref.WeakSet[Connection] = weakref.WeakSet()

    def check_settings(self, account: Account) -> None:
        fields.check(INFO.settings, account.settings)
        fields.check(INFO.credentials, account.credentials)
        mime.ascii_address(account.address)
        mime.plain(account.display_name, field="display_name")
        for name in ("host", "imap_host"):
            host = str(account.settings.get(name) or "")
            if host and not _HOST.fullmatch(host):
                raise Invalid(name, f"“{host}” is not a server name. Leave out https:// and the port.")
        oauth.check(account)
        by_password = account.settings.get("sign_in") != "xoauth2"
        if by_password and account.settings.get("username") and not account.credentials.get("password"):
            raise Invalid("password", "Enter a password for the user name.", code="missing")
        for name, secret in account.credentials.items():
            if not str(secret).isascii():
                raise Invalid(name, "Mail servers only accept passwords with ASCII characters.", code="not_ascii")
        signing.signature_of(account)

    def verify(self, account: Account) -> str:
        server = smtp_server(account)
        Connection(server).quit()
        sentences = [f"Signed in to {server.host}." if server.username else f"Reached {server.host} without sign-in."]
        if mailbox_server := imap_server(account):
            with imap.signed_in(mailbox_server) as mailbox:
                count = mailbox.folder.status("INBOX")["MESSAGES"]
            sentences.append(f"The inbox at {mailbox_server.host} holds {count} messages.")
        else:
            sentences.append("No IMAP server is set, so replies and bounces will not be seen.")
        return " ".join(sentences)

    def send(self, account: Account, outgoing: Outgoing) -> Accepted:
        try:
            mail_from = mime.ascii_address(account.address)
            recipient = mime.ascii_address(outgoing.address)
            copies = tuple(mime.ascii_address(address) for address in outgoing.copies.all)
            data = mime.build(outgoing, address=account.address, display_name=account.display_name, now=clock.now())
            if signature := signing.signature_of(account):
                data = signature.sign(data)
        except Invalid as error:
            raise NotSent(Fault.MESSAGE, error.code, str(error)) from error
        for is_last_try in (False, True):
            connection = self._connection(account)
            try:
                answer = connection.hand_over(
                    mail_from=mail_from,
                    recipient=recipient,
                    copies=copies,
                    data=data,
                    needs_utf8=mime.needs_utf8(mail_from, recipient, *copies),
                )
            except Stale:
                if is_last_try:
                    break
                continue
            if connection.sent_count >= connection.server.messages_per_connection:
                self._drop(account.id)
            return Accepted(detail=answer)
        raise NotSent(Fault.PASSING, "connection_lost", f"{connection.server.host} keeps closing the connection.")

    def find(self, account: Account, outgoing: Outgoing) -> Evidence:
        """Search the Sent folder. Absence proves nothing: not every server files what it relays."""
        server = imap_server(account)
        if server is None or not outgoing.rfc_message_id:
            return Evidence(Finding.CANNOT_TELL, "No IMAP server is set, so the folder of sent mail cannot be read.")
        from imap_tools import AND, H

        try:
            with imap.signed_in(server) as mailbox:
                folder = imap.special_folder(mailbox, r"\Sent", str(account.settings.get("sent_folder") or ""))
                if folder is None:
                    return Evidence(Finding.CANNOT_TELL, f"{server.host} has no folder of sent mail.")
                mailbox.folder.set(folder, readonly=True)
                found = mailbox.uids(AND(header=H("Message-ID", f"<{outgoing.rfc_message_id}>")))
        except NotSent as error:
            return Evidence(Finding.CANNOT_TELL, error.reason)
        except OSError as error:
            return Evidence(Finding.CANNOT_TELL, f"{server.host}: {error}")
        if found:
            return Evidence(Finding.FOUND, f"It lies in “{folder}” at {server.host}.")
        return Evidence(Finding.CANNOT_TELL, f"It is not in “{folder}” at {server.host}, which proves nothing.")

    def close(self) -> None:
        """Drop the sessions of all threads."""
        for connection in list(self._all):
            connection.close()
        self._kept.connections.clear()

    def _connection(self, account: Account) -> Connection:
        kept = self._kept
        if kept.process != os.getpid():
            kept.process, kept.connections = os.getpid(), {}
        known, connection = kept.connections.get(account.id, (None, None))
        is_same = connection is not None and (known is account or connection.server == smtp_server(account))
        if connection is not None and is_same and connection.is_alive():
            kept.connections[account.id] = account, connection
            return connection
        self._drop(account.id)
        connection = Connection(smtp_server(account))
        kept.connections[account.id] = account, connection
        self._all.add(connection)
        return connection

    def _drop(self, account_id: int) -> None:
        _account, connection = self._kept.connections.pop(account_id, (None, None))
        if connection is not None:
            connection.quit()


ADAPTER = SmtpAdapter()
