"""An authorisation server of OAuth 2.0: shows its consent page (`/authorize`, as one click: it answers at once as
somebody who allows, or denies), sells tokens for codes with PKCE and for refresh tokens, revokes, rotates, fails on
demand, and tells a mail server which tokens are good (`/introspect`)."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit


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
    redirect_uris: list[str] = field(default_factory=list)
    """The app's list: elsewhere nobody is sent back to."""
    denies: bool = False
    grants: str = ""
    """The scope that the person leaves ticked; empty: all that was asked for."""
    is_offline: bool = True
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """Code → what it was given for; each serves once."""
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
                url = urlsplit(self.path)
                if url.path == "/authorize":
                    query = {name: values[0] for name, values in parse_qs(url.query).items()}
                    back = endpoint.authorize(query)
                    if not back:
                        return self._answer(400, {"error": "redirect_uri_mismatch"})
                    self.send_response(302)
                    self.send_header("Location", back)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return None
                token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
                return self._answer(200, endpoint.introspect(token))

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()
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

    @property
    def authorize_url(self) -> str:
        return f"{self.base_url}/authorize"

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent; empty for an app or address that is not known (RFC 6749, 4.1.2.1)."""
        target = query.get("redirect_uri", "")
        if query.get("client_id") != self.client_id or target not in self.redirect_uris:
            return ""
        answer = {"state": query.get("state", "")}
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            answer["error"] = "invalid_request"
        elif self.denies:
            answer["error"] = "access_denied"
        else:
            answer["code"] = f"code-{len(self.codes) + 1}"
            self.codes[answer["code"]] = {**query, "scope": self.grants or query.get("scope", "")}
        return f"{target}?{urlencode(answer)}"

    def _sell_for_code(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        given = self.codes.pop(form.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            given is None
            or given["redirect_uri"] != form.get("redirect_uri")
            or given["code_challenge"] != proof.rstrip(b"=").decode()
        ):
            return 400, {"error": "invalid_grant"}
        self.good.append(f"access-{len(self.requests)}")
        answer = {"access_token": self.good[-1], "expires_in": self.expires_in, "token_type": "Bearer"}
        if self.is_offline:
            answer["refresh_token"] = self.refresh_token
        return 200, {**answer, "scope": given["scope"]}

    def sell(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.requests.append(form)
        if self.fails_with:
            return self.fails_with, {"error": "temporarily_unavailable"}
        if form.get("client_id") != self.client_id or form.get("client_secret") != self.client_secret:
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") == "authorization_code":
            return self._sell_for_code(form)
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
