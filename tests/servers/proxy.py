"""A forward proxy on the loopback: plain requests in absolute form, tunnels by CONNECT, a password when it has one.

Every name leads to `origin`, as if the proxy resolved it there.
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class Proxy:
    """`asked` holds what came: (method, target). `faults` are statuses that are answered instead, one a request."""

    def __init__(self, *, origin: str, user: str = "", password: str = "") -> None:
        self.asked: list[tuple[str, str]] = []
        self.faults: list[int] = []
        self.connections = 0
        host, _colon, port = origin.partition(":")
        self.origin = (host, int(port))
        self.credentials = base64.b64encode(f"{user}:{password}".encode()).decode() if user else ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()
        self.place = f"127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        self.proxy.connections += 1
        super().setup()

    def is_refused(self) -> bool:
        self.proxy.asked.append((self.command, self.path))
        status = self.proxy.faults.pop(0) if self.proxy.faults else 0
        if self.proxy.credentials and self.headers.get("Proxy-Authorization") != f"Basic {self.proxy.credentials}":
            status = 407
        if status:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
        return bool(status)

    def do_GET(self) -> None:
        if self.is_refused():
            return
        parts = urlsplit(self.path)
        inner = HTTPConnection(*self.proxy.origin, timeout=5)
        inner.putrequest("GET", parts.path or "/", skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if not name.lower().startswith("proxy-"):
                inner.putheader(name, value)
        inner.endheaders()
        answer = inner.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        inner.close()

    def do_CONNECT(self) -> None:
        if self.is_refused():
            return
        with socket.create_connection(self.proxy.origin, timeout=5) as inner:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: inner, inner: self.connection}
            with contextlib.suppress(OSError):
                while data := self._next(ends):
                    data[0].sendall(data[1])
        self.close_connection = True

    def _next(self, ends: dict[socket.socket, socket.socket]) -> tuple[socket.socket, bytes] | None:
        ready, _writable, _odd = select.select(list(ends), [], [], 5)
        data = ready[0].recv(65_536) if ready else b""
        return (ends[ready[0]], data) if data else None

    def log_message(self, *arguments: Any) -> None:
        """Quiet."""


@contextlib.contextmanager
def running(**options: Any) -> Iterator[Proxy]:
    proxy = Proxy(**options)
    try:
        yield proxy
    finally:
        proxy.close()
