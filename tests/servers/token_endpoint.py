"""A token endpoint of OAuth 2.0: sells access tokens for refresh tokens, revokes, rotates, fails on demand, and tells a
mail server which tokens are good (`/introspect`)."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class TokenEndpoint:
    """`good` are the access tokens that are valid now; `requests` the forms that were posted."""

    username: str = "me@firm.example"
    refresh_token: str = "refresh-1"
    client_id: str = "client"
    client_secret: str = "secret"
    expires_in: int = 3600
    rotates: bool = False
    fails_with: int = 0
    good: list[str] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)

    def __enter__(self) -> TokenEndpoint:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments: Any) -> None: ...

            def _form(self) -> dict[str, str]:
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                return {name: values[0] for name, values in parse_qs(text).items()}

            def _answer(self, status: int, value: Mapping[str, Any]) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                form = self._form()
                if urlsplit(self.path).path == "/introspect":
                    self._answer(200, endpoint.introspect(form.get("token", "")))
                else:
                    self._answer(*endpoint.sell(form))

            def do_GET(self) -> None:
                token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
                self._answer(200, endpoint.introspect(token))

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.base_url}/token"

    def sell(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.requests.append(form)
        if self.fails_with:
            return self.fails_with, {"error": "temporarily_unavailable"}
        if form.get("client_id") != self.client_id or form.get("client_secret") != self.client_secret:
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.refresh_token:
            return 400, {"error": "invalid_grant"}
        self.good.append(f"access-{len(self.requests)}")
        answer = {"access_token": self.good[-1], "expires_in": self.expires_in, "token_type": "Bearer"}
        if self.rotates:
            self.refresh_token = f"refresh-{len(self.requests) + 1}"
            answer["refresh_token"] = self.refresh_token
        return 200, answer

    def introspect(self, token: str) -> dict[str, Any]:
        return {"active": True, "username": self.username} if token in self.good else {"active": False}
