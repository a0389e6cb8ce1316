"""The HTTP APIs of five mail providers, as far as their clients can tell: written after the providers' public references.

`with FakeEsp() as esp: …`; the base URL of a provider is `esp.url(name)`. Each API checks its own kind of key, its own required
fields and its own address rules, and answers in its own words. `messages` holds what was accepted, whether or not the
client lived to hear of it; `requests` every request. Options make recipients refused, deferred or taken in silence.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "a-key-that-works"
ACCESS_KEY_ID = "AKIAFAKEFAKEFAKEFAKE"
ROOTS = {
    "sendgrid": "/sendgrid/v3",
    "resend": "/resend",
    "mailgun": "/mailgun/v3",
    "postmark": "/postmark",
    "ses": "/ses",
}
METADATA = "outreach_message"


@dataclass
class Options:
    refused: str = "^nobody@"
    """Recipients that the API refuses at once."""
    passing: str = "^busy@"
    """Recipients for whom it answers 429."""
    lost: str = "^lost@"
    """Recipients whose message is taken while the answer never comes."""
    hang_seconds: float = 3.0
    broken: str = "^broken@"
    """Recipients whose message is taken and answered with status 500."""
    verified_domain: str = "firm.example"


@dataclass
class Taken:
    """One accepted message in a common shape."""

    provider: str
    id: str
    to: str
    subject: str
    headers: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    html: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    status: str = "sent"


class FakeEsp:
    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.messages: list[Taken] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.events: dict[str, list[dict[str, Any]]] = {}
        """What the status APIs tell of a message, by its id."""
        self.idempotency: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        """Other things to hand out, by path: certificates, confirmations."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"esp": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def url(self, provider: str) -> str:
        return self.root + ROOTS[provider]

    def __enter__(self) -> FakeEsp:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, taken: Taken) -> Taken:
        self.messages.append(taken)
        return taken


class _Refusal(Exception):
    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


class _Silence(Exception):
    """The message was taken and nobody is told."""


def _addr(value: str) -> str:
    found = re.search(r"<([^<>]+)>\s*$", value)
    return (found[1] if found else value).strip().lower()


class _Handler(BaseHTTPRequestHandler):
    esp: FakeEsp
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        self.query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        self.payload = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.esp.requests.append((self.command, parts.path, dict(self.headers.items())))
        if parts.path in self.esp.files:
            return self._answer(200, self.esp.files[parts.path])
        provider = parts.path.split("/")[1]
        path = unquote(parts.path.removeprefix(ROOTS.get(provider, "/")))
        try:
            answer = getattr(self, f"_{provider}")(path)
        except _Refusal as refusal:
            return self._answer(refusal.status, refusal.body, refusal.headers)
        except _Silence:
            time.sleep(self.esp.options.hang_seconds)
            self.close_connection = True
            return None
        status, body, headers = answer if isinstance(answer, tuple) else (200, answer, {})
        return self._answer(status, body, headers)

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _judge(self, to: str, *, slow: dict[str, Any], invalid: _Refusal) -> None:
        options = self.esp.options
        if re.search(options.refused, to):
            raise invalid
        if re.search(options.passing, to):
            raise _Refusal(429, slow)

    def _took(self, to: str) -> None:
        if re.search(self.esp.options.lost, to):
            raise _Silence
        if re.search(self.esp.options.broken, to):
            raise _Refusal(500, {"message": "Internal Server Error"})

    def _of(self, provider: str) -> list[Taken]:
        return [message for message in self.esp.messages if message.provider == provider]

    # SendGrid: https://docs.sendgrid.com/api-reference/mail-send

    def _sendgrid(self, path: str) -> Any:
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            raise _Refusal(
                401,
                {
                    "errors": [
                        {"message": "The provided authorization grant is invalid, expired, or revoked", "field": None}
                    ]
                },
            )
        if path == "/scopes":
            return {"scopes": ["mail.send", "messages.read"]}
        if path == "/messages":
            wanted = re.fullmatch(rf"\(unique_args\['{METADATA}'\]=\"(\d+)\"\)", self.query["query"])
            assert wanted
            rows = [m for m in self._of("sendgrid") if str(m.metadata.get(METADATA)) == wanted[1]]
            return {
                "messages": [
                    {
                        "from_email": m.raw["from"]["email"], "msg_id": f"{m.id}.filterdrecv-1", "subject": m.subject,
                        "to_email": m.to, "status": m.status if m.status != "sent" else "processed", "opens_count": 0,
                        "clicks_count": 0, "last_event_time": m.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    }
                    for m in rows
                ]
            }  # fmt: skip
        assert (self.command, path) == ("POST", "/mail/send")
        data = json.loads(self.payload)
        to = data["personalizations"][0]["to"][0]["email"]
        field = "personalizations.0.to.0.email"
        self._judge(
            to,
            slow={"errors": [{"field": None, "message": "too many requests"}]},
            invalid=_Refusal(
                400, {"errors": [{"message": "Does not contain a valid address.", "field": field, "help": ""}]}
            ),
        )
        if not data["from"]["email"].endswith(self.esp.options.verified_domain):
            text = "The from address does not match a verified Sender Identity."
            raise _Refusal(403, {"errors": [{"message": text, "field": "from", "help": None}]})
        personal = data["personalizations"][0]
        by_type = {part["type"]: part["value"] for part in data["content"]}
        taken = self.esp.take(
            Taken(
                "sendgrid", uuid.uuid4().hex[:22], to, data.get("subject") or personal.get("subject", ""),
                {**data.get("headers", {}), **personal.get("headers", {})},
                {**data.get("custom_args", {}), **personal.get("custom_args", {})}, data, data.get("attachments", []),
                by_type.get("text/plain", ""), by_type.get("text/html", ""),
            )
        )  # fmt: skip
        self._took(to)
        return 202, None, {"X-Message-Id": taken.id}

    # Resend: https://resend.com/docs/api-reference

    def _resend(self, path: str) -> Any:
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            raise _Refusal(401, {"statusCode": 401, "name": "invalid_api_key", "message": "API key is invalid"})
        if path == "/domains":
            return {"data": [{"id": "d1", "name": self.esp.options.verified_domain, "status": "verified"}]}
        if self.command == "GET" and path == "/emails":
            return {
                "object": "list",
                "has_more": False,
                "data": [self._resend_row(m) for m in self._of("resend")[::-1]],
            }
        if self.command == "GET":
            found = next((m for m in self._of("resend") if path == f"/emails/{m.id}"), None)
            if found is None:
                raise _Refusal(404, {"statusCode": 404, "name": "not_found", "message": "Email not found"})
            return self._resend_row(found)
        data = json.loads(self.payload)
        to = _addr(data["to"][0])
        self._judge(
            to,
            slow={"statusCode": 429, "name": "rate_limit_exceeded", "message": "Too many requests."},
            invalid=_Refusal(
                422,
                {
                    "statusCode": 422, "name": "validation_error",
                    "message": "Invalid `to` field. The email address needs to follow the `email@example.com` format.",
                },
            ),
        )  # fmt: skip
        key = self.headers.get("Idempotency-Key", "")
        if key and key in self.esp.idempotency:
            return {"id": self.esp.idempotency[key]}
        taken = self.esp.take(
            Taken(
                "resend", str(uuid.uuid4()), to, data["subject"], data.get("headers", {}),
                json.loads(data["headers"].get("X-Metadata", "{}")), data, data.get("attachments", []),
                data.get("text", ""), data.get("html", ""),
            )
        )  # fmt: skip
        self.esp.idempotency[key] = taken.id
        self._took(to)
        return {"id": taken.id}

    @staticmethod
    def _resend_row(m: Taken) -> dict[str, Any]:
        return {
            "object": "email", "id": m.id, "to": [m.to], "from": m.raw["from"], "subject": m.subject,
            "created_at": m.at.strftime("%Y-%m-%d %H:%M:%S.%f+00"), "last_event": m.status,
        }  # fmt: skip

    # Mailgun: https://documentation.mailgun.com/docs/mailgun/api-reference

    def _mailgun(self, path: str) -> Any:
        expected = "Basic " + base64.b64encode(f"api:{KEY}".encode()).decode()
        if self.headers.get("Authorization") != expected:
            raise _Refusal(401, {"message": "Invalid private key"})
        if path.startswith("/domains/"):
            if path != f"/domains/{self.esp.options.verified_domain}":
                raise _Refusal(404, {"message": "Domain not found"})
            return {"domain": {"name": self.esp.options.verified_domain, "state": "active"}}
        domain, _slash, verb = path.strip("/").partition("/")
        if domain != self.esp.options.verified_domain:
            raise _Refusal(404, {"message": f"Domain not found: {domain}"})
        if verb == "events":
            wanted = self.query["message-id"]
            rows = [m for m in self._of("mailgun") if m.id == wanted]
            accepted = [
                {"id": f"a{i}", "event": "accepted", "timestamp": m.at.timestamp(), "recipient": m.to,
                 "message": {"headers": {"message-id": m.id}}, "user-variables": m.metadata}
                for i, m in enumerate(rows)
            ]  # fmt: skip
            return {"items": accepted + self.esp.events.get(wanted, []), "paging": {}}
        form = self._form()
        to = _addr(form["to"])
        self._judge(
            to,
            slow={"message": "Too many requests"},
            invalid=_Refusal(400, {"message": "'to' parameter is not a valid address. please check documentation"}),
        )
        headers = {key[2:]: value for key, value in form.items() if key.startswith("h:")}
        identifier = next(value for key, value in headers.items() if key.lower() == "message-id").strip("<>")
        metadata = {key[2:]: value for key, value in form.items() if key.startswith("v:")}
        self.esp.take(
            Taken("mailgun", identifier, to, form["subject"], headers, metadata, dict(form), self.parts,
                  form.get("text", ""), form.get("html", ""))
        )  # fmt: skip
        self._took(to)
        return {"id": f"<{identifier}>", "message": "Queued. Thank you."}

    def _form(self) -> dict[str, str]:
        kind = self.headers.get("Content-Type", "")
        self.parts: list[dict[str, Any]] = []
        if kind.startswith("application/x-www-form-urlencoded"):
            return {key: values[-1] for key, values in parse_qs(self.payload.decode(), keep_blank_values=True).items()}
        message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + self.payload, policy=default)
        form = {}
        for part in message.iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            content = part.get_payload(decode=True) or b""
            if part.get_filename():
                self.parts.append({"field": name, "filename": part.get_filename(), "content": content})
            else:
                form[name] = content.decode()
        return form

    # Postmark: https://postmarkapp.com/developer/api/email-api

    def _postmark(self, path: str) -> Any:
        if self.headers.get("X-Postmark-Server-Token") != KEY:
            text = "The Server Token you provided in the X-Postmark-Server-Token request header was invalid."
            raise _Refusal(401, {"ErrorCode": 10, "Message": text})
        if path == "/server":
            return {"ID": 1, "Name": "Outreach", "DeliveryType": "Live"}
        if path == "/messages/outbound":
            wanted = self.query[f"metadata_{METADATA}"]
            rows = [m for m in self._of("postmark") if str(m.metadata.get(METADATA)) == wanted]
            listed = [{"MessageID": m.id, "Recipients": [m.to], "Subject": m.subject, "Status": "Sent"} for m in rows]
            return {"TotalCount": len(rows), "Messages": listed}
        if path.endswith("/details"):
            identifier = path.split("/")[-2]
            return {"MessageID": identifier, "MessageEvents": self.esp.events.get(identifier, [])}
        assert (self.command, path) == ("POST", "/email")
        data = json.loads(self.payload)
        to = _addr(data["To"])
        self._judge(
            to,
            slow={"ErrorCode": 429, "Message": "Rate limit exceeded"},
            invalid=_Refusal(
                422,
                {
                    "ErrorCode": 406,
                    "Message": "You tried to send to recipient(s) that have been marked as inactive. Found inactive"
                    f" addresses: {to}. Inactive recipients are ones that have generated a hard bounce, a spam complaint, or"
                    " a manual suppression.",
                },
            ),
        )
        headers = {row["Name"]: row["Value"] for row in data.get("Headers", [])}
        taken = self.esp.take(
            Taken("postmark", str(uuid.uuid4()), to, data["Subject"], headers, data.get("Metadata", {}), data,
                  data.get("Attachments", []), data.get("TextBody", ""), data.get("HtmlBody", ""))
        )  # fmt: skip
        self._took(to)
        at = taken.at.isoformat()
        return {"To": data["To"], "SubmittedAt": at, "MessageID": taken.id, "ErrorCode": 0, "Message": "OK"}

    # Amazon SES v2: https://docs.aws.amazon.com/ses/latest/APIReference-V2

    def _ses(self, path: str) -> Any:
        if f"Credential={ACCESS_KEY_ID}/" not in self.headers.get("Authorization", ""):
            text = "The security token included in the request is invalid."
            raise _Refusal(403, {"message": text}, {"x-amzn-ErrorType": "UnrecognizedClientException"})
        if path == "/v2/email/account":
            return {"SendingEnabled": True, "ProductionAccessEnabled": True}
        assert path == "/v2/email/outbound-emails"
        data = json.loads(self.payload)
        to = data["Destination"]["ToAddresses"][0]
        if re.search(self.esp.options.passing, to):
            raise _Refusal(
                429, {"message": "Maximum sending rate exceeded."}, {"x-amzn-ErrorType": "TooManyRequestsException"}
            )
        if re.search(self.esp.options.refused, to):
            text = "Local address contains control or whitespace"
            raise _Refusal(400, {"message": text}, {"x-amzn-ErrorType": "BadRequestException"})
        message = message_from_bytes(base64.b64decode(data["Content"]["Raw"]["Data"]), policy=default)
        files = [{"filename": part.get_filename()} for part in message.iter_attachments()]
        text_part, html_part = message.get_body(("plain",)), message.get_body(("html",))
        taken = self.esp.take(
            Taken(
                "ses", f"0102{uuid.uuid4().hex}-000000", to, str(message["Subject"]),
                {name: str(value) for name, value in message.items()}, json.loads(str(message["X-Metadata"])), data, files,
                text_part.get_content() if text_part else "", html_part.get_content() if html_part else "",
            )
        )  # fmt: skip
        self._took(to)
        return {"MessageId": taken.id}
