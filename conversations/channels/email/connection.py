"""One SMTP session, step by step, so that it is always known whether the final dot was sent.

Everything that goes wrong before the final dot is certainly not sent. After it, only the server's answer makes certain.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta

from conversations.channels.base import Fault, NotSent, OutcomeUnknown
from conversations.channels.email import oauth
from conversations.channels.email.account import Server
from conversations.channels.email.outcomes import refusal

_LINE_START_DOT = re.compile(rb"(?m)^\.")
IDLE_SECONDS = 10
"""A session that was quiet for longer is asked NOOP before it is used."""


class Stale(Exception):
    """A kept session was dead before anything was handed over: open a new one."""


class Connection:
    """A signed-in session with one server. Not for use by two threads."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.use_count = self.sent_count = 0
        self.used_at = time.monotonic()
        with _as_not_sent("connect", server):
            self.smtp = self._open()
        try:
            self._sign_in()
        except BaseException:
            self.close()
            raise

    def _open(self) -> smtplib.SMTP:
        server = self.server
        if server.security == "ssl":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout_seconds, context=server.tls_context()
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
        try:
            if smtp.sock is not None:
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            smtp.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                smtp.starttls(context=server.tls_context())
                smtp.ehlo()
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _sign_in(self) -> None:
        if not self.server.username:
            return
        with _as_not_sent("auth", self.server):
            if self.server.grant is None:
                self.smtp.login(self.server.username, self.server.password)
            else:
                self._sign_in_by_token(self.server.grant)

    def _sign_in_by_token(self, grant: oauth.Grant) -> None:
        """XOAUTH2; a token that is refused before its time is renewed once."""
        try:
            self._authenticate(oauth.access_token(grant))
        except smtplib.SMTPAuthenticationError:
            self._authenticate(oauth.access_token(grant, is_new=True))

    def _authenticate(self, token: str) -> None:
        response = oauth.sasl(self.server.username, token)
        # the server explains a refusal in a challenge, which is answered with nothing
        self.smtp.auth("XOAUTH2", lambda challenge=None: response if challenge is None else "")

    def is_alive(self) -> bool:
        """Whether the session can be reused; asks the server after a long pause."""
        if self.smtp.sock is None:
            return False
        if time.monotonic() - self.used_at < IDLE_SECONDS:
            return True
        try:
            return self.smtp.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def hand_over(
        self, *, mail_from: str, recipient: str, data: bytes, needs_utf8: bool, copies: Iterable[str] = ()
    ) -> str:
        """Hand one message over; the server's answer, and who got no copy. Raises `NotSent`, `OutcomeUnknown` or `Stale`."""
        is_reused, self.used_at = self.use_count > 0, time.monotonic()
        self.use_count += 1
        self._envelope(mail_from, recipient, needs_utf8=needs_utf8, is_reused=is_reused)
        refused = self._copies(copies)
        with _as_not_sent("data", self.server):
            code, answer = self.smtp.docmd("DATA")
            if code != 354:
                self._reset()
                raise refusal("data", code, _decode(answer))
            ended = data if data.endswith(b"\r\n") else data + b"\r\n"
            self.smtp.send(_LINE_START_DOT.sub(b"..", ended))
        try:
            self.smtp.send(b".\r\n")
            code, answer = self.smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise OutcomeUnknown(
                "lost_after_dot",
                f"The connection to {self.server.host} was lost after the message was handed over and before"
                f" the answer: {error}",
            ) from error
        if 200 <= code < 300:
            self.sent_count += 1
            return "; ".join([_decode(answer), *refused])
        if 400 <= code < 600:
            if code == 421:
                self.close()
            raise refusal("dot", code, _decode(answer))
        self.close()
        raise OutcomeUnknown("strange_answer", f"{self.server.host} answered {code} {_decode(answer)}")

    def _envelope(self, mail_from: str, recipient: str, *, needs_utf8: bool, is_reused: bool) -> None:
        options = " SMTPUTF8 BODY=8BITMIME" if needs_utf8 else ""
        self.smtp.command_encoding = "utf-8" if needs_utf8 else "ascii"
        if needs_utf8 and not self.smtp.has_extn("smtputf8"):
            raise NotSent(
                Fault.MESSAGE,
                "smtputf8_missing",
                f"{self.server.host} doesn't accept addresses with non-ASCII letters before the @ (no SMTPUTF8).",
            )
        try:
            code, answer = self.smtp.docmd("MAIL", f"FROM:<{mail_from}>{options}")
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            if is_reused:
                raise Stale from error
            raise _lost(self.server, error) from error
        if code == 421 and is_reused:
            self.close()
            raise Stale
        self._expect("mail", code, answer)
        with _as_not_sent("rcpt", self.server):
            code, answer = self.smtp.docmd("RCPT", f"TO:<{recipient}>")
        self._expect("rcpt", code, answer)

    def _copies(self, addresses: Iterable[str]) -> list[str]:
        """Name those who get a copy. A refusal of one keeps nothing from the recipient; it is told."""
        refused = []
        for address in addresses:
            with _as_not_sent("rcpt", self.server):
                code, answer = self.smtp.docmd("RCPT", f"TO:<{address}>")
            if not 200 <= code < 300:
                refused.append(f"no copy to {address}: {code} {_decode(answer)}")
        return refused

    def _expect(self, stage: str, code: int, answer: bytes) -> None:
        if 200 <= code < 300:
            return
        if code == 421 or code < 0:
            self.close()
        else:
            self._reset()
        raise refusal(stage, code, _decode(answer))

    def _reset(self) -> None:
        """Reset the envelope, so that the session can take the next message."""
        try:
            self.smtp.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def quit(self) -> None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self.smtp.quit()
        self.close()

    def close(self) -> None:
        with contextlib.suppress(AttributeError):
            self.smtp.close()


def _decode(answer: bytes) -> str:
    return answer.decode("utf-8", "replace").replace("\n", " ")[:500]


def _lost(server: Server, error: Exception) -> NotSent:
    return NotSent(
        Fault.PASSING,
        "connection_lost",
        f"The connection to {server.host}:{server.port} was lost before the message was handed over: {error}",
        retry_after=timedelta(minutes=2),
    )


@contextlib.contextmanager
def _as_not_sent(stage: str, server: Server) -> Iterator[None]:
    """Translate what smtplib and the network raise before the final dot. All of it is certain: nothing was sent."""
    where = f"{server.host}:{server.port}"
    try:
        yield
    except smtplib.SMTPResponseException as error:
        answer = error.smtp_error
        text = _decode(answer) if isinstance(answer, bytes) else str(answer)
        raise refusal(stage, error.smtp_code, text) from error
    except smtplib.SMTPNotSupportedError as error:
        hint = "STARTTLS" if stage == "connect" else "AUTH"
        raise NotSent(
            Fault.SENDER, "not_supported", f"{where} doesn't offer {hint}. Check port and encryption: {error}"
        ) from error
    except ssl.SSLError as error:
        raise NotSent(
            Fault.SENDER, "tls_failed", f"No encrypted connection to {where}. Check port and encryption: {error}"
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        if stage == "connect":
            raise NotSent(
                Fault.PASSING,
                "no_connection",
                f"{where} cannot be reached: {error}",
                retry_after=timedelta(minutes=5),
            ) from error
        raise _lost(server, error) from error
