"""Twilio's messaging API over HTTP, as far as the real SDK and the real webhooks can tell.

As a fixture: `with FakeTwilio() as twilio: …`, the SDK's base URL being `twilio.url`. As a process: `python -m
tests.servers.fake_twilio --port 8025 --journal twilio.jsonl`. Control: `GET /_control/messages`, `GET|POST
/_control/options` (JSON, keys of `Options`), `POST /_control/inbound` (JSON: url, From, To, Body, MessageSid?, times?),
`POST /_control/status` (JSON: sid, status, error_code?), `POST /_control/reset`.

The journal holds one line for every message that was accepted, whether or not the client lived to hear of it.
"""

from __future__ import annotations

import argparse
import base64
import json
import queue
import random
import re
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

from twilio.request_validator import RequestValidator

from tests.servers.journal import Journal

ACCOUNT_SID = "AC" + "0" * 31 + "1"
AUTH_TOKEN = "fake-twilio-auth-token"

# code → (HTTP status, message): refused when the message is created
ERRORS = {
    20003: (401, "Authenticate"),
    20429: (429, "Too Many Requests"),
    21211: (400, "Invalid 'To' Phone Number"),
    21408: (403, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"),
    21602: (400, "Message body is required"),
    21603: (400, "A 'From' phone number is required"),
    21604: (400, "A 'To' phone number is required"),
    21606: (400, "The From phone number is not a valid, SMS-capable inbound phone number for your account"),
    21608: (400, "The number is unverified. Trial accounts cannot send messages to unverified numbers"),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21612: (400, "Message cannot be sent with the current combination of 'To' and/or 'From' parameters"),
    21620: (400, "Invalid media URL(s)"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    30001: (429, "Queue overflow"),
    21635: (400, "'To' number cannot be a landline"),
}
DELIVERY_ERRORS = {30003, 30004, 30005, 30006, 30007, 30008, 30022, 30023, 30032, 30034}
"""Told by a status callback after the message was accepted."""
MAGIC_NUMBERS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
MAGIC_FROM_NUMBERS = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}


@dataclass
class Options:
    account_sid: str = ACCOUNT_SID
    auth_token: str = AUTH_TOKEN
    foreign: list[str] = field(default_factory=list)
    """Numbers and messaging services that are not the account's; all others are."""
    voice_only: list[str] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    """Error code by recipient number; codes of `DELIVERY_ERRORS` come by callback."""
    failures: list[int] = field(default_factory=list)
    """Error codes for the next requests, one each, whoever the recipient is."""
    delay_seconds: float = 0.0
    hang_probability: float = 0.0
    """How often the message is accepted and the answer never comes."""
    hang_pattern: str = ""
    hang_seconds: float = 30.0
    cut_probability: float = 0.0
    """How often the message is accepted and the connection dies before the answer."""
    refuse_probability: float = 0.0
    """How often the request dies before the message was accepted (connection closed, 503)."""
    callbacks: list[str] = field(default_factory=lambda: ["queued", "sent", "delivered"])
    callback_order: str = "in_order"
    """in_order, shuffled, or reversed."""
    callback_repeats: int = 1
    callback_delay_seconds: float = 0.0
    callback_before_answer: bool = False
    sends_callbacks: bool = True
    seed: int = 1


class FakeTwilio:
    """The server in threads of its own. `messages` are the accepted ones by sid, `callbacks` what came of each webhook."""

    def __init__(self, options: Options | None = None, *, port: int = 0, journal: Path | None = None) -> None:
        self.options = options or Options()
        self.journal = Journal(journal)
        self.messages: dict[str, dict[str, Any]] = {}
        self.callbacks: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.media: dict[str, tuple[str, bytes]] = {}
        """Files of texts that come in: path → (media type, content). Handed out by a redirect to another path, as Twilio does."""
        self.media_requests: list[tuple[str, bool]] = []
        """(path, whether it carried the account's password)."""
        self.fetched: list[tuple[str, int, str, bytes]] = []
        """What was fetched of outgoing files: address, status, media type, content."""
        self._random = random.Random(self.options.seed)
        self._lock = threading.RLock()
        self._work: queue.PriorityQueue[tuple[float, int, Callable[[], None]]] = queue.PriorityQueue()
        self._number = 0
        self._stopped = threading.Event()
        self._restore()
        handler = type("Handler", (_Handler,), {"twilio": self})
        self._server = _Server(("127.0.0.1", port), handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def _restore(self) -> None:
        for row in self.journal.rows:
            if "sid" in row:
                self.messages[row["sid"]] = dict(row["resource"])

    # life

    def __enter__(self) -> FakeTwilio:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> FakeTwilio:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        threading.Thread(target=self._play, daemon=True, name="fake-twilio-callbacks").start()
        return self

    def stop(self) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self.journal.close()

    def reset(self, options: Options | None = None) -> None:
        with self._lock:
            self.options = options or Options()
            self._random = random.Random(self.options.seed)
            self.messages.clear()
            self.callbacks.clear()
            self.requests.clear()
            self.journal.clear()

    # the API

    def chance(self, probability: float) -> bool:
        with self._lock:
            return probability > 0 and self._random.random() < probability

    def error_for(self, form: Mapping[str, str]) -> int | None:
        with self._lock:
            if self.options.failures:
                return self.options.failures.pop(0)
        to, sender = form.get("To", ""), form.get("From", "")
        if not to:
            return 21604
        if not sender and not form.get("MessagingServiceSid"):
            return 21603
        if not form.get("Body") and not form.get("MediaUrl"):
            return 21602
        if len(form.get("Body", "")) > 1600:
            return 21617
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            return 21211
        code = self.options.errors.get(to) or MAGIC_NUMBERS.get(to) or MAGIC_FROM_NUMBERS.get(sender)
        return code if code not in DELIVERY_ERRORS else None

    def accept(self, form: Mapping[str, str], account_sid: str) -> dict[str, Any]:
        sid = "SM" + uuid.uuid4().hex
        now = format_datetime(datetime.now(UTC))
        resource = {
            "account_sid": account_sid,
            "api_version": "2010-04-01",
            "body": form["Body"],
            "date_created": now,
            "date_updated": now,
            "date_sent": None,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": form.get("From") or None,
            "messaging_service_sid": form.get("MessagingServiceSid") or None,
            "num_media": str(len(form.get("MediaUrls", "").split())),
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": "accepted" if form.get("MessagingServiceSid") else "queued",
            "subresource_uris": {"media": f"/2010-04-01/Accounts/{account_sid}/Messages/{sid}/Media.json"},
            "to": form["To"],
            "uri": f"/2010-04-01/Accounts/{account_sid}/Messages/{sid}.json",
        }
        with self._lock:
            self.messages[sid] = resource
            self.journal.append(
                sid=sid, to=form["To"], body=form["Body"], callback=form.get("StatusCallback", ""), resource=resource
            )
        return resource

    def listed(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """The messages of the account, newest first, filtered as the API filters."""
        with self._lock:
            rows = list(reversed(self.messages.values()))
        if query.get("To"):
            rows = [row for row in rows if row["to"] == query["To"]]
        if query.get("From"):
            rows = [row for row in rows if row["from"] == query["From"]]
        for name, keeps in (
            ("DateSent", lambda day, asked: day == asked),
            ("DateSent>", lambda day, asked: day >= asked),
            ("DateSent<", lambda day, asked: day <= asked),
        ):
            if query.get(name):
                rows = [row for row in rows if keeps(_day(row["date_sent"] or row["date_created"]), query[name][:10])]
        return rows

    def fetch(self, url: str) -> bool:
        """Fetch one outgoing file, as Twilio does before it takes the message."""
        try:
            with urlopen(url, timeout=5) as answer:
                self.fetched.append((url, answer.status, answer.headers.get_content_type(), answer.read()))
        except (URLError, OSError):
            return False
        return True

    def put_media(self, content: bytes, media_type: str = "image/jpeg") -> str:
        """A file that comes in; its address."""
        sid = uuid.uuid4().hex
        path = f"/2010-04-01/Accounts/{self.options.account_sid}/Messages/MM{sid}/Media/ME{sid}"
        self.media[path] = (media_type, content)
        return f"{self.url}{path}"

    # callbacks

    def schedule(self, after_seconds: float, work: Callable[[], None]) -> None:
        with self._lock:
            self._number += 1
            self._work.put((time.monotonic() + after_seconds, self._number, work))

    def _play(self) -> None:
        while not self._stopped.is_set():
            try:
                due, number, work = self._work.get(timeout=0.1)
            except queue.Empty:
                continue
            wait = due - time.monotonic()
            if wait > 0:
                self._work.put((due, number, work))
                self._stopped.wait(min(wait, 0.02))
                continue
            work()

    def wait_for_callbacks(self, count: int, *, timeout_seconds: float = 10) -> None:
        """Return when `count` webhooks were answered; raises `TimeoutError`."""
        deadline = time.monotonic() + timeout_seconds
        while len(self.callbacks) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.callbacks)} of {count} callbacks were answered")
            time.sleep(0.01)

    def plan_callbacks(self, resource: dict[str, Any], url: str) -> list[Callable[[], None]]:
        options = self.options
        if not url or not options.sends_callbacks:
            return []
        statuses: list[tuple[str, int | None]] = [(status, None) for status in options.callbacks]
        code = options.errors.get(resource["to"])
        if code in DELIVERY_ERRORS:
            statuses = [("queued", None), ("sent", None), ("failed" if code == 30008 else "undelivered", code)]
        calls = [
            (lambda s=status, c=error: self.send_status(resource["sid"], s, error_code=c, url=url))
            for status, error in statuses
            for _repeat in range(options.callback_repeats)
        ]
        if options.callback_order == "reversed":
            calls.reverse()
        elif options.callback_order == "shuffled":
            with self._lock:
                self._random.shuffle(calls)
        return calls

    def send_status(self, sid: str, status: str, *, error_code: int | None = None, url: str = "") -> None:
        """Post one status callback, signed, to the message's callback address."""
        with self._lock:
            resource = self.messages[sid]
            resource["status"], resource["error_code"] = status, error_code
            if status in {"sent", "delivered", "undelivered"}:
                resource["date_sent"] = format_datetime(datetime.now(UTC))
            if not url:
                url = next(row["callback"] for row in self.journal.rows if row.get("sid") == sid)
        form = {
            "AccountSid": resource["account_sid"],
            "ApiVersion": "2010-04-01",
            "From": resource["from"] or "",
            "MessageSid": sid,
            "MessageStatus": status,
            "SmsSid": sid,
            "SmsStatus": status,
            "To": resource["to"],
        }
        if error_code:
            form["ErrorCode"] = str(error_code)
        self.post(url, form)

    def inbound(
        self,
        url: str,
        *,
        sender: str,
        to: str,
        body: str,
        sid: str = "",
        times: int = 1,
        extra: Mapping[str, str] | None = None,
    ) -> list[int]:
        """Deliver a text that came in to our webhook `times` times; the HTTP statuses that were answered."""
        sid = sid or "SM" + uuid.uuid4().hex
        form = {
            "AccountSid": self.options.account_sid,
            "ApiVersion": "2010-04-01",
            "Body": body,
            "From": sender,
            "MessageSid": sid,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "To": to,
            **(extra or {}),
        }
        return [self.post(url, form) for _time in range(times)]

    def post(self, url: str, form: Mapping[str, str], *, signature: str | None = None) -> int:
        signature = signature or RequestValidator(self.options.auth_token).compute_signature(url, dict(form))
        request = Request(
            url,
            data=urlencode(form).encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
                "User-Agent": "TwilioProxy/1.1",
                "X-Twilio-Signature": signature,
            },
        )
        try:
            with urlopen(request, timeout=15) as answer:
                status, body = answer.status, answer.read().decode()
        except HTTPError as error:
            status, body = error.code, error.read().decode("utf-8", "replace")
        except (URLError, OSError) as error:
            status, body = 0, str(error)
        self.callbacks.append({"url": url, "form": dict(form), "status": status, "body": body})
        return status


def _day(date: str) -> str:
    return datetime.strptime(date, "%a, %d %b %Y %H:%M:%S %z").strftime("%Y-%m-%d")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    twilio: FakeTwilio
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fail(self, code: int) -> None:
        status, message = ERRORS.get(code, (400, "Error"))
        headers = {"Retry-After": "1"} if status == 429 else None
        more_info = f"https://www.twilio.com/docs/errors/{code}"
        self.answer(status, {"code": code, "message": message, "more_info": more_info, "status": status}, headers)

    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def is_authentic(self, account_sid: str) -> bool:
        options = self.twilio.options
        expected = base64.b64encode(f"{options.account_sid}:{options.auth_token}".encode()).decode()
        return account_sid == options.account_sid and self.headers.get("Authorization") == f"Basic {expected}"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/_control/messages":
            return self.answer(200, [row for row in self.twilio.journal.rows if "sid" in row])
        if parts.path == "/_control/options":
            return self.answer(200, asdict(self.twilio.options))
        if parts.path in self.twilio.media or parts.path.startswith("/cdn/"):
            return self.hand_out(parts.path)
        if owned := self.owned(parts.path, query):
            return self.answer(*owned)
        if not (match := re.fullmatch(r"/2010-04-01/Accounts/(\w+)(/Messages(?:/(\w+))?)?\.json", parts.path)):
            return self.answer(404, {"code": 20404, "message": "The requested resource was not found", "status": 404})
        account_sid, is_messages, sid = match.groups()
        if not self.is_authentic(account_sid):
            return self.fail(20003)
        if not is_messages:
            return self.answer(200, {"sid": account_sid, "friendly_name": "Fake", "status": "active", "type": "Full"})
        if sid:
            row = self.twilio.messages.get(sid)
            return self.answer(200, row) if row else self.answer(404, {"code": 20404, "message": "", "status": 404})
        rows = self.twilio.listed(query)
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        following = f"{parts.path}?{urlencode({**query, 'Page': page + 1})}" if len(rows) > (page + 1) * size else None
        return self.answer(
            200,
            {
                "messages": rows[page * size : (page + 1) * size],
                "page": page,
                "page_size": size,
                "uri": self.path,
                "first_page_uri": parts.path,
                "previous_page_uri": None,
                "next_page_uri": following,
                "start": 0,
                "end": 0,
            },
        )

    def hand_out(self, path: str) -> None:
        """A file of a text that came in: with the password a redirect, and there the content without one."""
        self.twilio.media_requests.append((path, "Authorization" in self.headers))
        if path.startswith("/cdn/"):
            media_type, content = self.twilio.media[path.removeprefix("/cdn")]
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return None
        if not self.is_authentic(self.twilio.options.account_sid):
            return self.fail(20003)
        return self.answer(307, {}, {"Location": f"http://localhost:{self.twilio.port}/cdn{path}"})

    def owned(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]] | None:
        """The account's own numbers and messaging services; None for another path."""
        options = self.twilio.options
        missing = {"code": 20404, "message": "The requested resource was not found", "status": 404}
        if match := re.fullmatch(r"/v1/Services/(\w+)", path):
            if match[1] in options.foreign:
                return 404, missing
            return 200, {"sid": match[1], "account_sid": options.account_sid, "friendly_name": "Outreach service"}
        match = re.fullmatch(r"/2010-04-01/Accounts/(\w+)/IncomingPhoneNumbers\.json", path)
        if match is None or not self.is_authentic(match[1]):
            return None
        wanted = query.get("PhoneNumber", "")
        rows = [
            {
                "sid": f"PN{0:032}",
                "phone_number": number,
                "capabilities": {"sms": number not in options.voice_only, "mms": number.startswith("+1")},
            }
            for number in [wanted]
            if number and number not in options.foreign
        ]
        return 200, {
            "incoming_phone_numbers": rows, "page": 0, "page_size": 50, "uri": path, "first_page_uri": path,
            "next_page_uri": None, "previous_page_uri": None, "start": 0, "end": len(rows),
        }  # fmt: skip

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.read_body()
        if parts.path.startswith("/_control/"):
            return self.control(parts.path.removeprefix("/_control/"), json.loads(body or b"{}"))
        match = re.fullmatch(r"/2010-04-01/Accounts/(\w+)/Messages\.json", parts.path)
        if not match:
            return self.answer(404, {"code": 20404, "message": "The requested resource was not found", "status": 404})
        fields = parse_qs(body.decode(), keep_blank_values=True)
        form = {name: values[-1] for name, values in fields.items()}
        form["MediaUrls"] = " ".join(fields.get("MediaUrl", []))
        self.twilio.requests.append(form)
        if not self.is_authentic(match[1]):
            return self.fail(20003)
        options = self.twilio.options
        if self.twilio.chance(options.refuse_probability):
            return self.answer(503, {"code": 20503, "message": "Service unavailable", "status": 503})
        if code := self.twilio.error_for(form):
            return self.fail(code)
        for url in form["MediaUrls"].split():
            if not self.twilio.fetch(url):
                return self.fail(21620)
        return self.create(form, match[1])

    def create(self, form: dict[str, str], account_sid: str) -> None:
        twilio, options = self.twilio, self.twilio.options
        resource = twilio.accept(form, account_sid)
        answered = dict(resource)
        calls = twilio.plan_callbacks(resource, form.get("StatusCallback", ""))
        if options.callback_before_answer:
            for call in calls:
                call()
        else:
            for number, call in enumerate(calls):
                twilio.schedule(options.callback_delay_seconds + number * 0.001, call)
        if options.delay_seconds:
            time.sleep(options.delay_seconds)
        if re.search(options.hang_pattern, form["To"]) and twilio.chance(options.hang_probability):
            twilio._stopped.wait(options.hang_seconds)
            return self.drop()
        if twilio.chance(options.cut_probability):
            return self.drop()
        return self.answer(201, answered)

    def control(self, action: str, values: dict[str, Any]) -> None:
        twilio = self.twilio
        if action == "options":
            twilio.options = Options(**{**asdict(twilio.options), **values})
            twilio._random = random.Random(twilio.options.seed)
            return self.answer(200, asdict(twilio.options))
        if action == "reset":
            twilio.reset()
            return self.answer(200, {})
        if action == "status":
            twilio.send_status(values["sid"], values["status"], error_code=values.get("error_code"))
            return self.answer(200, twilio.callbacks[-1])
        if action == "inbound":
            statuses = twilio.inbound(
                values["url"],
                sender=values["From"],
                to=values["To"],
                body=values["Body"],
                sid=values.get("MessageSid", ""),
                times=values.get("times", 1),
            )
            return self.answer(200, {"statuses": statuses})
        return self.answer(404, {})

    def log_message(self, *_arguments: Any) -> None:
        pass


def backdate(twilio: FakeTwilio, sid: str, age: timedelta) -> None:
    """Make an accepted message look older, for tests of what is too old to be ours."""
    date = format_datetime(datetime.now(UTC) - age)
    twilio.messages[sid] |= {"date_created": date, "date_updated": date}


def main() -> None:
    parser = argparse.ArgumentParser(description="A fake Twilio on loopback.")
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--journal", type=Path, default=None)
    parser.add_argument("--options", type=json.loads, default={}, help="JSON with keys of Options")
    arguments = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with FakeTwilio(Options(**arguments.options), port=arguments.port, journal=arguments.journal) as twilio:
        print(json.dumps({"port": twilio.port, "url": twilio.url}), flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
