"""Exa, Parallel and Anysite on the loopback, by their public documentation: paths, headers, bodies, errors.

`answers` maps a path to what is answered; `faults` holds statuses to answer with first, one a request.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEYS = {"/search": "x-api-key", "/v1/search": "x-api-key", "/api/linkedin/company": "access-token", "/api/linkedin/user": "access-token"}  # fmt: skip
"""Path → header in which its vendor wants the key."""

EXA = {
    "requestId": "b5947044c4b78efa9552a7c89b306d95",
    "results": [
        {
            "id": "https://news.example/acme",
            "url": "https://news.example/acme",
            "title": "Acme raises 12 million",
            "publishedDate": "2026-10-02T00:00:00.000Z",
            "author": "A. Writer",
            "text": "Acme raised 12 million euros to expand in Poland.",
            "highlights": ["Acme raised 12 million euros in a seed round to expand in Poland."],
            "highlightScores": [0.46],
        }
    ],
    "costDollars": {"total": 0.005},
}
PARALLEL = {
    "search_id": "search_1",
    "results": [
        {
            "url": "https://press.example/acme",
            "title": "Acme opens an office",
            "publish_date": "2026-09-15",
            "excerpts": ["Acme opened a new office in Warsaw this month.", "Its planners still copy orders by hand."],
        }
    ],
    "warnings": None,
}
COMPANY = [
    {
        "@type": "linkedin_company",
        "urn": {"type": "fsd_company", "value": "1035"},
        "url": "https://network.example/company/acme",
        "name": "Acme",
        "description": "Acme is a maker of pumps for water works in Central Europe.",
        "employee_count": 240,
        "website": "https://acme.example",
    }
]
PERSON = [
    {
        "@type": "linkedin_user",
        "url": "https://network.example/in/anna",
        "name": "Anna Example",
        "headline": "Head of Operations, responsible for supply and planning",
        "description": "I help plants to plan without spreadsheets.",
    }
]


class ResearchServices:
    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.faults: deque[int] = deque()
        self.answers: dict[str, Any] = {
            "/search": EXA,
            "/v1/search": PARALLEL,
            "/api/linkedin/company": COMPANY,
            "/api/linkedin/user": PERSON,
        }
        services = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                services.requests.append((self.path, body, {k.lower(): v for k, v in self.headers.items()}))
                self._send(*services.answer(self.path, body, self.headers))

            def _send(self, status: int, answer: Any) -> None:
                data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, path: str, body: dict[str, Any], headers: Any) -> tuple[int, Any]:
        if self.faults:
            return self.faults.popleft(), {"error": "on demand"}
        if path not in KEYS:
            return 404, {"error": "no such path"}
        if headers.get(KEYS[path]) != "a-key":
            return 401, {"error": "Invalid API key"}
        if path == "/search" and not body.get("query"):
            return 400, {"error": "query is required"}
        if path == "/v1/search" and (not body.get("search_queries") or "max_results" in body):
            return 422, {"detail": "search_queries is required; max_results belongs to advanced_settings"}
        return 200, self.answers[path]

    def paths(self) -> list[str]:
        return [path for path, _body, _headers in self.requests]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
