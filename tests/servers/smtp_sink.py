"""An SMTP server that takes everything, remembers it, and fails on demand.

As a fixture: `with SmtpSink() as sink: …`. As a process: `python -m tests.servers.smtp_sink --port 2525 --control-port
2526 --journal sink.jsonl`; then `GET /messages`, `GET /options`, `POST /options` (JSON, keys of `Options`), `POST
/reset` on the control port. The journal holds one line for every message that the server took responsibility for,
whether or not the client lived to hear of it (`answered`).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import dataclasses
import email
import json
import random
import re
import signal
import ssl
import threading
from dataclasses import dataclass, field
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.servers.certificates import self_signed
from tests.servers.journal import Journal

_MESSAGE_ID = re.compile(rb"^message-id:\s*<?([^>\r\n\s]+)>?", re.IGNORECASE | re.MULTILINE)


@dataclass
class Refusal:
    """Answer `reply` (for example `550 5.1.1 No such user`) at `stage` when the recipient matches `pattern`, `times` times.

    Stages: connect, auth, mail, rcpt, data, dot. For connect, auth and mail the pattern sees the sender or an empty text.
    """

    stage: str
    reply: str
    pattern: str = ""
    times: int = -1
    disconnect: bool = False


@dataclass
class Options:
    delay_seconds: float = 0.0
    """Waited before the answer to the final dot."""
    refusals: list[Refusal] = field(default_factory=list)
    cut_probability: float = 0.0
    """How often the connection dies after the final dot and before 250."""
    cut_keeps_probability: float = 1.0
    """How often such a message was taken all the same."""
    cut_pattern: str = ""
    seed: int = 1
    username: str = ""
    password: str = ""
    """With a user name, mail is refused before AUTH succeeded."""
    access_tokens: list[str] = field(default_factory=list)
    """Tokens that XOAUTH2 accepts for the user name."""
    offers_starttls: bool = False
    offers_smtputf8: bool = True
    messages_per_connection: int = 0
    """421 and goodbye after so many messages; 0: no limit."""
    keeps_raw: bool = True

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Options:
        refusals = [Refusal(**refusal) for refusal in values.pop("refusals", [])]
        return cls(**values, refusals=refusals)


class _Gone(Exception):
    """The client or we ended the session."""


class _Session:
    def __init__(self, sink: SmtpSink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sink, self.reader, self.writer = sink, reader, writer
        self.is_signed_in = self.is_encrypted = False
        self.message_count = 0
        self.mail_from = ""
        self.recipients: list[str] = []

    async def say(self, *lines: str) -> None:
        last = len(lines) - 1
        for number, line in enumerate(lines):
            text = f"{line[:3]}-{line[4:]}" if number < last else line
            self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()

    async def line(self) -> str:
        raw = await self.reader.readline()
        if not raw:
            raise _Gone
        return raw.rstrip(b"\r\n").decode("utf-8", "replace")

    async def refused(self, stage: str, subject: str = "") -> bool:
        refusal = self.sink.refusal(stage, subject)
        if refusal is None:
            return False
        await self.say(refusal.reply)
        if refusal.disconnect:
            raise _Gone
        return True

    async def run(self) -> None:
        if await self.refused("connect"):
            raise _Gone
        await self.say("220 sink.example ESMTP")
        while True:
            command, _space, rest = (await self.line()).partition(" ")
            handler = getattr(self, f"do_{command.lower()}", None)
            if handler is None:
                await self.say("502 5.5.1 Unknown command")
            else:
                await handler(rest)

    async def do_helo(self, _rest: str) -> None:
        await self.say("250 sink.example")

    async def do_ehlo(self, _rest: str) -> None:
        options = self.sink.options
        lines = ["250 sink.example", "250 8BITMIME", "250 SIZE 30000000", "250 ENHANCEDSTATUSCODES"]
        if options.offers_smtputf8:
            lines.append("250 SMTPUTF8")
        if options.offers_starttls and not self.is_encrypted:
            lines.append("250 STARTTLS")
        if options.username:
            lines.append("250 AUTH PLAIN LOGIN XOAUTH2")
        await self.say(*lines)

    async def do_starttls(self, _rest: str) -> None:
        await self.say("220 2.0.0 Ready to start TLS")
        await self.writer.start_tls(self.sink.tls)
        self.is_encrypted, self.is_signed_in = True, False

    async def do_auth(self, rest: str) -> None:
        if await self.refused("auth"):
            return
        method, _space, initial = rest.partition(" ")
        if method.upper() == "XOAUTH2":
            await self._xoauth2(initial)
            return
        if method.upper() == "PLAIN":
            if not initial:
                await self.say("334 ")
                initial = await self.line()
            _identity, username, password = base64.b64decode(initial).decode().split("\0")
        else:
            if initial:
                username = base64.b64decode(initial).decode()
            else:
                await self.say("334 VXNlcm5hbWU6")
                username = base64.b64decode(await self.line()).decode()
            await self.say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(await self.line()).decode()
        self.is_signed_in = (username, password) == (self.sink.options.username, self.sink.options.password)
        if self.is_signed_in:
            await self.say("235 2.7.0 Accepted")
        else:
            await self.say("535 5.7.8 Username and Password not accepted")

    async def _xoauth2(self, initial: str) -> None:
        user, _separator, token = base64.b64decode(initial).decode().partition("\x01auth=Bearer ")
        options = self.sink.options
        if user == f"user={options.username}" and token.removesuffix("\x01\x01") in options.access_tokens:
            self.is_signed_in = True
            await self.say("235 2.7.0 Accepted")
            return
        await self.say("334 " + base64.b64encode(b'{"status":"401"}').decode())
        await self.line()
        await self.say("535 5.7.8 Username and Password not accepted")

    async def do_mail(self, rest: str) -> None:
        options = self.sink.options
        if options.username and not self.is_signed_in:
            await self.say("530 5.7.0 Authentication required")
            return
        if options.messages_per_connection and self.message_count >= options.messages_per_connection:
            await self.say("421 4.7.0 Too many messages on this connection")
            raise _Gone
        sender = _address(rest)
        if await self.refused("mail", sender):
            return
        self.mail_from, self.recipients = sender, []
        await self.say("250 2.1.0 Ok")

    async def do_rcpt(self, rest: str) -> None:
        recipient = _address(rest)
        if await self.refused("rcpt", recipient):
            return
        self.recipients.append(recipient)
        await self.say("250 2.1.5 Ok")

    async def do_data(self, _rest: str) -> None:
        recipients = " ".join(self.recipients)
        if not self.recipients:
            await self.say("503 5.5.1 No valid recipients")
            return
        if await self.refused("data", recipients):
            return
        await self.say("354 Go on")
        try:
            raw = await self.reader.readuntil(b"\r\n.\r\n")
        except asyncio.IncompleteReadError as error:
            raise _Gone from error
        raw = raw[:-3].replace(b"\r\n..", b"\r\n.")
        if self.sink.options.delay_seconds:
            await asyncio.sleep(self.sink.options.delay_seconds)
        if await self.refused("dot", recipients):
            return
        is_cut, is_kept = self.sink.draw_cut(recipients)
        if is_kept:
            self.sink.keep(self.mail_from, self.recipients, raw, answered=not is_cut)
        if is_cut:
            self.writer.transport.abort()
            raise _Gone
        self.message_count += 1
        await self.say("250 2.0.0 Ok: queued")

    async def do_rset(self, _rest: str) -> None:
        self.mail_from, self.recipients = "", []
        await self.say("250 2.0.0 Ok")

    async def do_noop(self, _rest: str) -> None:
        await self.say("250 2.0.0 Ok")

    async def do_quit(self, _rest: str) -> None:
        await self.say("221 2.0.0 Bye")
        raise _Gone


def _address(rest: str) -> str:
    match = re.search(r"<([^>]*)>", rest)
    return match[1] if match else ""


class SmtpSink:
    """The server in a thread of its own. `messages` are the parsed mails, `journal.rows` one row for each."""

    def __init__(
        self,
        options: Options | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        control_port: int | None = None,
        journal: Path | None = None,
    ) -> None:
        self.options = options or Options()
        self.host, self.port, self.control_port = host, port, control_port
        self.journal = Journal(journal)
        self.raw: list[bytes] = []
        self.connection_count = 0
        self._random = random.Random(self.options.seed)
        self._lock = threading.Lock()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._control: ThreadingHTTPServer | None = None
        self._tls: ssl.SSLContext | None = None

    # life

    def __enter__(self) -> SmtpSink:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> SmtpSink:
        ready = threading.Event()

        def run() -> None:
            asyncio.set_event_loop(self._loop)
            server = self._loop.run_until_complete(
                asyncio.start_server(self._serve, self.host, self.port, limit=64 * 1024 * 1024)
            )
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            self._loop.run_forever()
            server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._loop.close()

        self._thread = threading.Thread(target=run, daemon=True, name="smtp-sink")
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError(f"the SMTP sink did not start on {self.host}:{self.port}")
        if self.control_port is not None:
            self._start_control()
        return self

    def stop(self) -> None:
        if self._control:
            self._control.shutdown()
            self._control.server_close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread:
            self._thread.join(10)
        self.journal.close()

    def drop_connections(self) -> None:
        """Kill every open connection, as a restart of the server does."""

        def abort() -> None:
            for writer in list(self._writers):
                writer.transport.abort()

        self._loop.call_soon_threadsafe(abort)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connection_count += 1
        self._writers.add(writer)
        try:
            await _Session(self, reader, writer).run()
        except (_Gone, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            self._writers.discard(writer)
            with contextlib.suppress(Exception):
                writer.close()

    # behaviour

    @property
    def tls(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = self_signed()
        return self._tls

    def refuse(self, stage: str, reply: str, pattern: str = "", *, times: int = -1, disconnect: bool = False) -> None:
        with self._lock:
            self.options.refusals.append(Refusal(stage, reply, pattern, times, disconnect))

    def refusal(self, stage: str, subject: str) -> Refusal | None:
        with self._lock:
            for refusal in self.options.refusals:
                if refusal.stage == stage and refusal.times != 0 and re.search(refusal.pattern, subject):
                    refusal.times -= 1
                    return refusal
        return None

    def draw_cut(self, recipients: str) -> tuple[bool, bool]:
        """Whether the connection is cut now, and whether the message is kept."""
        with self._lock:
            options = self.options
            is_cut = self._random.random() < options.cut_probability and bool(
                re.search(options.cut_pattern, recipients)
            )
            return is_cut, not is_cut or self._random.random() < options.cut_keeps_probability

    def keep(self, mail_from: str, recipients: list[str], raw: bytes, *, answered: bool) -> None:
        match = _MESSAGE_ID.search(raw.partition(b"\r\n\r\n")[0])
        if self.options.keeps_raw:
            self.raw.append(raw)
        self.journal.append(
            message_id=match[1].decode("ascii", "replace") if match else "",
            mail_from=mail_from,
            recipients=list(recipients),
            answered=answered,
        )

    @property
    def messages(self) -> list[Any]:
        """All kept mails, parsed by the modern policy: headers decoded."""
        return [email.message_from_bytes(raw, policy=policy.default) for raw in list(self.raw)]

    def reset(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self._random = random.Random(self.options.seed)
        self.raw.clear()
        self.journal.clear()

    def _start_control(self) -> None:
        sink = self

        class Control(BaseHTTPRequestHandler):
            def answer(self, value: Any) -> None:
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                if self.path == "/messages":
                    self.answer(sink.journal.rows)
                else:
                    self.answer(dataclasses.asdict(sink.options))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == "/reset":
                    sink.reset()
                else:
                    sink.options = Options.from_json({**dataclasses.asdict(sink.options), **json.loads(body)})
                    sink._random = random.Random(sink.options.seed)
                self.answer(dataclasses.asdict(sink.options))

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._control = ThreadingHTTPServer((self.host, self.control_port or 0), Control)
        self._control.daemon_threads = True
        self.control_port = self._control.server_address[1]
        threading.Thread(target=self._control.serve_forever, daemon=True, name="smtp-sink-control").start()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--control-port", type=int, default=None)
    parser.add_argument("--journal", type=Path, default=None)
    parser.add_argument("--options", type=json.loads, default={}, help="JSON with keys of Options")
    arguments = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    options = Options.from_json({"keeps_raw": False, **arguments.options})
    sink = SmtpSink(options, port=arguments.port, control_port=arguments.control_port, journal=arguments.journal)
    with sink:
        print(json.dumps({"port": sink.port, "control_port": sink.control_port}), flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
