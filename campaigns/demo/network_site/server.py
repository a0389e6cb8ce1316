"""Serving the made-up network: in a thread for tests, in the foreground as a process."""

from __future__ import annotations

import threading
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from campaigns.demo.network_site.app import Site
from campaigns.demo.network_site.world import World


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle is no news."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        return

    def address_string(self) -> str:
        return str(self.client_address[0])


class SiteServer:
    """A running site: `with SiteServer() as site: site.url`. `world` may be looked into and moved on."""

    def __init__(self, world: World | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.world = world or World()
        self.server = _Server((host, port), _Quiet)
        self.server.set_app(Site(self.world))
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self.server.server_address[0]!s}:{self.port}"

    def __enter__(self) -> SiteServer:
        self._thread = threading.Thread(
            target=self.server.serve_forever, args=(0.05,), daemon=True, name="network-site"
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    def run(self) -> None:
        """Serve until interrupted."""
        try:
            self.server.serve_forever()
        finally:
            self.server.server_close()
