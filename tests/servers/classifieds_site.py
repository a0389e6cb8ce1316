"""A site of listings on the loopback, with every way in which sites misbehave. It counts what it was asked."""

from __future__ import annotations

import contextlib
import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from campaigns.demo import listings_site


@cache
def zeros() -> bytes:
    """200 MB of zeros in 200 KB."""
    return zlib.compress(b"\0" * 200_000_000, 9)


class ClassifiedsSite:
    """`routes` maps a path (without its query) to a function of the handler; all else is the sandbox site."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.robots: tuple[int, str] = (200, listings_site.ROBOTS)
        self.routes: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.is_closing = threading.Event()
        self.connections = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                site.connections += 1
                super().setup()

            def do_GET(self) -> None:
                site.requests.append((self.headers.get("Host", ""), self.path, dict(self.headers)))
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    site.answer(self)

            def log_message(self, *arguments: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def place(self) -> str:
        """Where it listens: `ip:port`."""
        return f"127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [path for _host, path, _headers in self.requests]

    def close(self) -> None:
        self.is_closing.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.partition("?")[0]
        if path == "/robots.txt" and path not in self.routes:
            send(handler, self.robots[0], self.robots[1].encode(), "text/plain")
        elif path in self.routes:
            self.routes[path](handler)
        else:
            found = listings_site.respond(handler.headers.get("Host", ""), handler.path)
            send(handler, found.status, found.body, found.media_type)

    def slow(self, handler: BaseHTTPRequestHandler) -> None:
        """Headers at once, then a byte now and then, for ever."""
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", "90000")
        handler.end_headers()
        while not self.is_closing.wait(0.05):
            handler.wfile.write(b".")
            handler.wfile.flush()

    def endless(self, handler: BaseHTTPRequestHandler) -> None:
        """A chunked body that never ends."""
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        piece = b"x" * 65_536
        while not self.is_closing.is_set():
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    def endless_headers(self, handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.is_closing.wait(0.01):
            handler.wfile.write(b"X-More: " + b"y" * 50 + b"\r\n")


def send(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    media_type: str = "text/html; charset=utf-8",
    **headers: str,
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", media_type)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def answering(status: int, body: bytes | str = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """A route that always answers so."""
    data = body.encode() if isinstance(body, str) else body
    return lambda handler: send(handler, status, data, **headers)


def redirecting(location: str, status: int = 302) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: send(handler, status, b"", Location=location)


def gzipped(body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: send(handler, 200, gzip.compress(body), Content_Encoding="gzip")


def bomb(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, zeros(), Content_Encoding="deflate")


def gzip_bomb(handler: BaseHTTPRequestHandler) -> None:
    """The same as gzip, one member after the other."""
    member = gzip.compress(b"\0" * 20_000_000, 9)
    send(handler, 200, member * 10, Content_Encoding="gzip")


def bare_bomb(handler: BaseHTTPRequestHandler) -> None:
    """The same as deflate without its header."""
    send(handler, 200, zeros()[2:-4], Content_Encoding="deflate")


@contextlib.contextmanager
def running() -> Iterator[ClassifiedsSite]:
    site = ClassifiedsSite()
    try:
        yield site
    finally:
        site.close()
