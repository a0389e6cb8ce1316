"""Smartlead's API and webhooks, as far as a client can tell: campaigns, leads, threads.

`with FakeSmartlead() as smartlead: …`; the base URL is `smartlead.url`. Written after the public reference: the key stands in the query,
a lead is kept once a campaign, adding it answers with counts, errors stand under `error`, webhooks are signed with HMAC-SHA256.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "smartlead-key-that-works"
SECRET = "smartlead-webhook-secret"
CAMPAIGN = 4711
ROOT = "/api/v1"


@dataclass
class Options:
    invalid: str = "^nobody@"
    """Addresses that are counted as invalid."""
    unsubscribed: str = "^gone@"
    blocked: str = "^blocked@"
    passing: str = "^busy@"
    """Addresses for which it answers 429."""
    lost: str = "^lost@"
    """Addresses that are taken while the answer never comes."""
    broken: str = "^broken@"
    """Addresses that are taken and answered with status 500."""
    hang_seconds: float = 3.0
    has_reasons: bool = False
    """Answer in the newer shape: added_count and skipped_leads with reasons."""


@dataclass
class FakeSmartlead:
    options: Options = field(default_factory=Options)
    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By address: id, email, custom_fields, lead_campaign_data."""
    threads: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """By lead: what was sent and answered."""
    answers: list[dict[str, Any]] = field(default_factory=list)
    """What was sent as an answer in a thread."""
    steps: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"seq_number": 1, "subject": "{{outreach_subject}}", "email_body": "<div>{{outreach_body}}</div>"}
        ]
    )
    requests: list[tuple[str, str, Any]] = field(default_factory=list)

    def __enter__(self) -> FakeSmartlead:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{ROOT}"

    def wrote(self, address: str, kind: str = "SENT", **further: Any) -> dict[str, Any]:
        """Smartlead sent its first message to `address`, or got a reply."""
        row = {
            "type": kind, "stats_id": uuid.uuid4().hex, "message_id": f"<{uuid.uuid4().hex}@smartlead.example>",
            "time": datetime.now(UTC).isoformat(), "subject": "A question", "email_body": "<p>Hello.</p>", **further,
        }  # fmt: skip
        self.threads.setdefault(self.leads[address]["id"], []).append(row)
        return row


def event(kind: str, address: str, **further: Any) -> dict[str, Any]:
    """A webhook's body in the flat shape."""
    return {
        "event_type": kind, "campaign_id": CAMPAIGN, "campaign_name": "Outreach", "sl_lead_email": address, "to_email": address,
        "from_email": "jane@ourfirm.de", "sequence_number": 1, "event_timestamp": datetime.now(UTC).isoformat(), **further,
    }  # fmt: skip


def sign(body: bytes, key: str = SECRET) -> dict[str, str]:
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return {
        "X-Smartlead-Signature": f"sha256={digest}",
        "X-Request-Id": uuid.uuid4().hex,
        "X-Webhook-Level": "campaign",
    }


class _Handler(BaseHTTPRequestHandler):
    fake: FakeSmartlead
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        pass

    def answer(self, status: int, body: Any) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        with suppress(OSError):  # the client may be gone
            self.end_headers()
            self.wfile.write(payload)

    def refuse(self, status: int, code: str, message: str) -> None:
        self.answer(status, {"error": {"code": code, "message": message}})

    def do_GET(self) -> None:
        self.serve({})

    def do_POST(self) -> None:
        self.serve(json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}"))

    def serve(self, body: dict[str, Any]) -> None:
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        self.fake.requests.append((self.command, parts.path, body))
        if query.get("api_key") != KEY:
            return self.refuse(401, "INVALID_API_KEY", "Invalid API key.")
        path = parts.path.removeprefix(ROOT)
        if path == "/leads/":
            found = self.fake.leads.get(query.get("email", ""))
            return self.answer(200, found or {})
        match = re.fullmatch(r"/campaigns/(\d+)(?:/(.*))?", path)
        if match is None or int(match[1]) != CAMPAIGN:
            return self.refuse(404, "CAMPAIGN_NOT_FOUND", "Campaign not found.")
        rest = match[2] or ""
        if self.command == "GET" and not rest:
            return self.answer(200, {"id": CAMPAIGN, "name": "Outreach", "status": "ACTIVE"})
        if self.command == "GET" and rest == "sequences":
            return self.answer(200, self.fake.steps)
        if self.command == "POST" and rest == "leads":
            return self.add(body)
        if self.command == "POST" and rest == "reply-email-thread":
            return self.go_on(body)
        if history := re.fullmatch(r"leads/(\d+)/message-history", rest):
            return self.answer(200, {"history": self.fake.threads.get(int(history[1]), []), "from": "", "to": ""})
        return self.refuse(404, "NOT_FOUND", rest)

    def add(self, body: dict[str, Any]) -> None:
        options, lead = self.fake.options, body["lead_list"][0]
        address = str(lead["email"]).lower()
        if re.search(options.passing, address):
            return self.refuse(429, "RATE_LIMIT_EXCEEDED", "Too many requests. Please retry after 30 seconds.")
        why = next(
            (name for name in ("invalid", "unsubscribed", "blocked") if re.search(getattr(options, name), address)), ""
        )
        why = why or ("already" if address in self.fake.leads else "")
        if not why:
            number = len(self.fake.leads) + 1
            campaigns = [{"campaign_id": CAMPAIGN, "campaign_lead_map_id": number}]
            self.fake.leads[address] = {**lead, "email": address, "id": number, "lead_campaign_data": campaigns}
        if re.search(options.lost, address):
            time.sleep(options.hang_seconds)
        if re.search(options.broken, address):
            return self.refuse(500, "INTERNAL_ERROR", "Something went wrong.")
        return self.answer(200, self.counts(address, why))

    def counts(self, address: str, why: str) -> dict[str, Any]:
        if self.fake.options.has_reasons:
            reasons = {
                "invalid": "Invalid email",
                "unsubscribed": "Unsubscribed",
                "blocked": "Domain blocked",
                "already": "Already in campaign",
            }
            skipped = [{"email": address, "reason": reasons[why]}] if why else []
            return {
                "success": True,
                "added_count": int(not why),
                "skipped_count": len(skipped),
                "skipped_leads": skipped,
            }
        return {
            "ok": True, "upload_count": int(not why), "total_leads": 1, "block_count": int(why == "blocked"),
            "already_added_to_campaign": int(why == "already"), "invalid_email_count": int(why == "invalid"),
            "invalid_emails": [address] if why == "invalid" else [], "duplicate_count": 0,
            "unsubscribed_leads": [address] if why == "unsubscribed" else [], "is_lead_limit_exhausted": False, "bounce_count": 0,
        }  # fmt: skip

    def go_on(self, body: dict[str, Any]) -> None:
        rows = [(lead, row) for lead, thread in self.fake.threads.items() for row in thread]
        found = next(((lead, row) for lead, row in rows if row["stats_id"] == body.get("email_stats_id")), None)
        if found is None:
            return self.refuse(400, "INVALID_STATS_ID", "email_stats_id is not known.")
        self.fake.answers.append(body)
        sent = {
            **found[1],
            "type": "SENT",
            "stats_id": uuid.uuid4().hex,
            "time": datetime.now(UTC).isoformat(),
            "email_body": body["email_body"],
        }
        self.fake.threads[found[0]].append({**sent, "message_id": f"<{uuid.uuid4().hex}@smartlead.example>"})
        return self.answer(200, {"ok": True, "data": "Email added to the queue, will be sent out soon!"})
