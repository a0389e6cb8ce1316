"""An OpenID Connect issuer: discovery, keys, consent as one click, codes with PKCE for signed RS256 tokens, userinfo.

`claims` are those of the person who signs in; `spoil` changes a token's claims before it is signed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey


@cache
def signing_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"}, private=True)


@dataclass
class Server:
    client_id: str = "outreach"
    client_secret: str = "a secret: with a colon"
    claims: dict[str, Any] = field(default_factory=dict)
    spoil: Callable[[dict[str, Any]], None] = lambda claims: None
    in_userinfo_only: tuple[str, ...] = ()
    """Claims that the token leaves to the userinfo endpoint."""
    key: str = "first"
    """The key that signs; only the first is published."""
    denies: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def __enter__(self) -> Server:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments: Any) -> None: ...

            def _answer(self, status: int, value: Mapping[str, Any]) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                issuer.requests.append(url.path)
                if url.path == "/authorize":
                    query = {name: values[0] for name, values in parse_qs(url.query).items()}
                    self.send_response(302)
                    self.send_header("Location", issuer.authorize(query))
                    self.send_header("Content-Length", "0")
                    return self.end_headers()
                if url.path == "/userinfo":
                    is_known = self.headers.get("Authorization") == "Bearer access"
                    return self._answer(*((200, issuer.claims) if is_known else (401, {"error": "invalid_token"})))
                pages = {"/.well-known/openid-configuration": issuer.metadata, "/keys": issuer.keys}
                if url.path in pages:
                    return self._answer(200, pages[url.path]())
                return self._answer(404, {})

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                form = {name: values[0] for name, values in parse_qs(text).items()}
                self._answer(*issuer.sell(form, self.headers.get("Authorization", "")))

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}).start()
        return self

    def reset(self, **fields: Any) -> None:
        """As new, on the same port."""
        vars(self).update({**vars(Server(**fields)), "_server": self._server})

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, Any]:
        return dict(KeySet([signing_key("first")]).as_dict(private=False))

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent."""
        answer = {"state": query.get("state", "")}
        required = {"response_type": "code", "code_challenge_method": "S256", "client_id": self.client_id}
        if any(query.get(name) != value for name, value in required.items()) or not query.get("nonce"):
            answer["error"] = "invalid_request"
        elif self.denies:
            answer["error"] = "access_denied"
        else:
            answer["code"] = f"code-{len(self.codes) + 1}"
            self.codes[answer["code"]] = query
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def sell(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        name, _colon, secret = base64.b64decode(authorization.partition(" ")[2]).decode().partition(":")
        if (unquote(name), unquote(secret)) != (self.client_id, self.client_secret):
            return 401, {"error": "invalid_client"}
        given = self.codes.pop(form.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            given is None
            or form.get("redirect_uri") != given["redirect_uri"]
            or given["code_challenge"] != proof.rstrip(b"=").decode()
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": self.token(given)}

    def token(self, given: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": given["nonce"]}
        claims |= {name: value for name, value in self.claims.items() if name not in self.in_userinfo_only}
        self.spoil(claims)
        return jwt.encode({"alg": "RS256", "kid": "first"}, claims, signing_key(self.key))
