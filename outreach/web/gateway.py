"""The way out of a browser: a proxy on our own machine that connects to checked addresses only.

A browser resolves names itself, follows redirects, and loads what a page names; checking the first address is not
enough. With all of its traffic through here every connection is resolved and checked by the rules of `fetching`, and
goes to the address that was checked.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import socketserver
import threading
from typing import Any, cast
from urllib.parse import urlsplit

import structlog

from outreach.core.errors import OutreachError
from outreach.web.addresses import is_local_site
from outreach.web.politeness import fetcher

logger = structlog.get_logger(__name__)
MAX_HEAD = 64 * 1024
CONNECT_SECONDS = 10
IDLE_SECONDS = 120
CHUNK = 64 * 1024
WEB_PORTS = frozenset({80, 443})


class Gateway:
    """Listens on a free port of the loopback until it is closed; give `url` to the browser as its proxy."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Relay)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True, name="web-gateway")
        self._thread.start()

    def close(self) -> None:
        """Stop listening; open connections end with the browser."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.debug("gateway.connection_lost")


class _Relay(socketserver.BaseRequestHandler):
    """One connection of the browser: a tunnel (CONNECT), or one plain request."""

    request: socket.socket

    def handle(self) -> None:
        self.request.settimeout(IDLE_SECONDS)
        head, rest = self._head()
        try:
            method, target, version = head.partition(b"\r\n")[0].decode("ascii").split(" ")
            address, first = _tunnel(target) if method == "CONNECT" else _plain(method, target, version, head)
            upstream = _connect(*address)
        except OutreachError as error:
            logger.info("gateway.refused", reason=error.reason)
            self._answer(403, error.reason)
        except (ValueError, UnicodeError):
            self._answer(400, "This is not a request.")
        except OSError as error:
            self._answer(502, str(error))
        else:
            with upstream:
                if method == "CONNECT":
                    self.request.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                upstream.sendall(first + rest)
                _relay(self.request, upstream)

    def _head(self) -> tuple[bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data and len(data) < MAX_HEAD:
            chunk = self.request.recv(CHUNK)
            if not chunk:
                break
            data += chunk
        head, _end, rest = data.partition(b"\r\n\r\n")
        return head, rest

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        head = f"HTTP/1.1 {status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        with contextlib.suppress(OSError):
            self.request.sendall(head.encode() + body)


def _tunnel(target: str) -> tuple[tuple[str, int], bytes]:
    parts = urlsplit(f"//{target}")
    return (parts.hostname or "", parts.port or 443), b""


def _plain(method: str, target: str, version: str, head: bytes) -> tuple[tuple[str, int], bytes]:
    """Where a request in absolute form goes, and how it reads there; one request a connection."""
    parts = urlsplit(target)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        line
        for line in head.split(b"\r\n")[1:]
        if line.partition(b":")[0].strip().lower() not in {b"connection", b"proxy-connection", b"proxy-authorization"}
    ]
    first = b"\r\n".join([f"{method} {path} {version}".encode("ascii"), *lines, b"Connection: close", b"", b""])
    return (parts.hostname, parts.port or 80), first


def _connect(host: str, port: int) -> socket.socket:
    """A connection to the first address that answers, all of them checked. Raises `OutreachError` and `OSError`."""
    if not host or (port < 1024 and port not in WEB_PORTS):
        raise ValueError(host)
    problem: OSError | None = None
    for address in _addresses(host.lower().rstrip("."), port):
        try:
            return socket.create_connection(address, timeout=CONNECT_SECONDS)
        except OSError as error:
            problem = error
    raise problem or OSError("no address")


def _addresses(host: str, port: int) -> list[tuple[str, int]]:
    if is_local_site(host, port):
        return [(host, port)]
    with fetcher() as rules:
        return rules.addresses(host, port)


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes both ways until both sides have said all, or nothing came for a while."""
    peers = {one: other, other: one}
    with selectors.DefaultSelector() as ready:
        for peer in peers:
            ready.register(peer, selectors.EVENT_READ)
        while ready.get_map():
            found = ready.select(IDLE_SECONDS)
            if not found:
                return
            for key, _events in found:
                source = cast("socket.socket", key.fileobj)
                data = source.recv(CHUNK)
                if data:
                    peers[source].sendall(data)
                    continue
                ready.unregister(source)
                with contextlib.suppress(OSError):
                    peers[source].shutdown(socket.SHUT_WR)
