"""Leadmagic's API over HTTP, as far as a client can tell: e-mail validation, e-mail finder, credits.

`with FakeLeadmagic() as leadmagic: …`; the base URL is `leadmagic.url`. Written after the public reference: `X-API-Key`, problem+json
for errors, 0.05 credits for a definite verdict, 1 for an address that is found, nothing for `unknown`, `catch_all` and "not found".
`statuses` says what a mailbox is, `people` who has which address, `faults` what goes wrong with the next requests.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "leadmagic-key-that-works"
FREE = {"unknown", "catch_all", "not_found"}


@dataclass
class FakeLeadmagic:
    statuses: dict[str, str] = field(default_factory=dict)
    """Verdict by address; everybody else is `valid`."""
    people: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)
    """(first name, last name, domain or company) in lower case → (address, status)."""
    faults: deque[str] = field(default_factory=deque)
    """One a request: a status code, `slow` (no answer for a while), `html` (unreadable), `cut`."""
    credits: float = 100.0
    slow_seconds: float = 3.0
    retry_after: str = "30"
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> FakeLeadmagic:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def next_fault(self) -> str:
        with self._lock:
            return self.faults.popleft() if self.faults else ""

    def charge(self, price: float) -> float:
        with self._lock:
            self.credits = round(self.credits - price, 4)
        return price


class _Handler(BaseHTTPRequestHandler):
    fake: FakeLeadmagic
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        pass

    def answer(self, status: int, body: Any, media_type: str = "application/json", **headers: str) -> None:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(payload)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(payload)

    def problem(self, status: int, title: str, detail: str, **headers: str) -> None:
        body = {"type": f"https://leadmagic.io/problems/{status}", "title": title, "status": status, "detail": detail}
        self.answer(status, body, "application/problem+json", **headers)

    def do_GET(self) -> None:
        self.serve({})

    def do_POST(self) -> None:
        self.serve(json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}"))

    def serve(self, body: dict[str, Any]) -> None:
        fake = self.fake
        fake.requests.append((self.path, body))
        fault = fake.next_fault()
        if fault == "slow":
            time.sleep(fake.slow_seconds)
        elif fault == "html":
            return self.answer(200, b"<html>gateway</html>", "text/html")
        elif fault == "cut":
            self.close_connection = True
            return self.connection.close()
        elif fault == "429":
            return self.problem(429, "Too Many Requests", "Rate limit exceeded.", Retry_After=fake.retry_after)
        elif fault:
            return self.problem(int(fault), "Error", f"Answered with {fault}.")
        if self.headers.get("X-API-Key") != KEY:
            return self.problem(401, "Unauthorized", "X-API-Key is missing or not known.")
        if self.path == "/v1/credits":
            return self.answer(200, {"credits": fake.credits})
        if fake.credits <= 0:
            return self.problem(402, "Payment Required", "Not enough credits.")
        if self.path == "/v1/people/email-validation":
            return self.validate(str(body.get("email") or ""))
        if self.path == "/v1/people/email-finder":
            return self.find(body)
        return self.problem(404, "Not Found", self.path)

    def validate(self, email: str) -> None:
        if not email:
            return self.problem(400, "Bad Request", "email is required.")
        status = self.fake.statuses.get(email, "valid") if "@" in email else "invalid"
        price = self.fake.charge(0 if status in FREE else 0.05)
        return self.answer(
            200, {"email": email, "email_status": status, "credits_consumed": price, "message": f"Email is {status}."}
        )

    def find(self, body: dict[str, Any]) -> None:
        first, last = str(body.get("first_name") or "").lower(), str(body.get("last_name") or "").lower()
        firm = str(body.get("domain") or body.get("company_name") or "").lower()
        if not first or not last or not firm:
            return self.problem(400, "Bad Request", "first_name, last_name and domain or company_name are required.")
        email, status = self.fake.people.get((first, last, firm), (None, "not_found"))
        price = self.fake.charge(0 if email is None else 1)
        return self.answer(200, {"email": email, "status": status, "credits_consumed": price, "domain": firm})
