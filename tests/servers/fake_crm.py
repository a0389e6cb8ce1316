"""HubSpot's and Pipedrive's APIs over HTTP, as far as a client can tell, written after their public references.

`with FakeCrm() as crm: …`; both answer at `crm.url`. HubSpot: batch upserts by a unique property, notes whose property
must exist, default associations. Pipedrive: search by exact address, persons and activities of v2, where `person_id` of
an activity is read-only. `faults` are used up one a request: a status, or (status, headers). `requests` is what was asked.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "crm-token-that-works"
KNOWN = {"contacts": {"email", "firstname", "lastname", "jobtitle", "company", "phone", "city", "country"},
         "notes": {"hs_timestamp", "hs_note_body"}}  # fmt: skip


@dataclass
class FakeCrm:
    faults: deque[Any] = field(default_factory=deque)
    requests: list[tuple[str, str]] = field(default_factory=list)
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {"contacts": {}, "notes": {}})
    """HubSpot's records by kind and unique value."""
    properties: dict[str, set[str]] = field(default_factory=lambda: {kind: set(names) for kind, names in KNOWN.items()})
    associations: set[tuple[str, str]] = field(default_factory=set)
    persons: dict[int, dict[str, Any]] = field(default_factory=dict)
    activities: dict[int, dict[str, Any]] = field(default_factory=dict)
    ids: Any = field(default_factory=lambda: count(101))

    def __enter__(self) -> FakeCrm:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"crm": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def hubspot(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if path.startswith("/crm/objects/2026-03/contacts?"):
            return 200, {"results": []}
        if made := re.fullmatch(r"/crm/objects/2026-03/(contacts|notes)/batch/upsert", path):
            return self._upsert(made[1], body["inputs"])
        if path == "/crm/properties/2026-03/notes/groups":
            return 201, body
        if path == "/crm/properties/2026-03/notes":
            if body["name"] in self.properties["notes"]:
                return 409, {"category": "OBJECT_ALREADY_EXISTS"}
            assert body["hasUniqueValue"] is True
            self.properties["notes"].add(body["name"])
            return 201, body
        if (
            link := re.fullmatch(r"/crm/objects/2026-03/notes/(\d+)/associations/default/contacts/(\d+)", path)
        ) and method == "PUT":
            self.associations.add((link[1], link[2]))
            return 200, {"status": "COMPLETE", "results": []}
        return 404, {"status": "error", "message": path}

    def _upsert(self, kind: str, inputs: list[dict[str, Any]]) -> tuple[int, Any]:
        results = []
        for given in inputs:
            unknown = {given["idProperty"], *given["properties"]} - self.properties[kind]
            if unknown:
                names = ", ".join(sorted(unknown))
                return 400, {
                    "status": "error",
                    "category": "VALIDATION_ERROR",
                    "message": f"Property {names} does not exist",
                }
            rows = self.records[kind]
            is_new = given["id"] not in rows
            row = rows.setdefault(given["id"], {"id": str(next(self.ids)), "properties": {}})
            row["properties"].update(given["properties"])
            results.append({**row, "new": is_new})
        return 200, {"status": "COMPLETE", "results": results}

    def pipedrive(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/api/v1/users/me":
            return 200, {"success": True, "data": {"id": 1}}
        if parts.path == "/api/v2/persons/search":
            assert query["fields"] == "email" and query["exact_match"] == "true"
            found = [
                {"item": {"id": pk}} for pk, row in self.persons.items() if row["emails"][0]["value"] == query["term"]
            ]
            return 200, {"success": True, "data": {"items": found}}
        if parts.path == "/api/v2/persons" and method == "POST":
            return self._made(self.persons, body)
        if (one := re.fullmatch(r"/api/v2/persons/(\d+)", parts.path)) and method == "PATCH":
            self.persons[int(one[1])].update(body)
            return 200, {"success": True, "data": self.persons[int(one[1])]}
        if parts.path == "/api/v2/activities" and method == "GET":
            return 200, {
                "success": True,
                "data": [
                    row
                    for row in self.activities.values()
                    if str(row["participants"][0]["person_id"]) == query["person_id"]
                ],
            }
        if parts.path == "/api/v2/activities":
            if "person_id" in body:
                return 400, {"success": False, "error": "'person_id' is a read-only field.", "code": "ERR_BAD_REQUEST"}
            return self._made(self.activities, body)
        return 404, {"success": False, "error": path}

    def _made(self, rows: dict[int, dict[str, Any]], body: dict[str, Any]) -> tuple[int, Any]:
        number = next(self.ids)
        rows[number] = {**body, "id": number}
        return 201, {"success": True, "data": rows[number]}


class _Handler(BaseHTTPRequestHandler):
    crm: FakeCrm

    def log_message(self, *_arguments: object) -> None:
        pass

    def serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.crm.requests.append((self.command, self.path))
        if self.crm.faults:
            fault = self.crm.faults.popleft()
            status, headers = fault if isinstance(fault, tuple) else (fault, {})
            return self.answer(status, {"message": "fault"}, headers)
        body = json.loads(raw) if raw else None
        if self.path.startswith("/crm/"):
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self.answer(401, {"status": "error", "category": "INVALID_AUTHENTICATION"})
            return self.answer(*self.crm.hubspot(self.command, self.path, body))
        if self.headers.get("x-api-token") != TOKEN:
            return self.answer(401, {"success": False, "error": "unauthorized access"})
        return self.answer(*self.crm.pipedrive(self.command, self.path, body))

    def do_GET(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()

    def do_PUT(self) -> None:
        self.serve()

    def do_PATCH(self) -> None:
        self.serve()

    def answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
