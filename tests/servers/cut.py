"""A relay in front of a server on the loopback that hangs up after so many bytes of answers: a line that goes dead."""

from __future__ import annotations

import contextlib
import socket
import threading


class CutLine:
    """`port` leads to `target`. After `limit` bytes from the server both sides are hung up on, as often as `cuts` says."""

    def __init__(self, target: int, *, limit: int, cuts: int = 1) -> None:
        self.target, self.limit, self.cuts = target, limit, cuts
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> CutLine:
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._server.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            limit = self.limit if self.cuts > 0 else 0
            self.cuts -= 1
            threading.Thread(target=self._relay, args=(client, server, 0), daemon=True).start()
            threading.Thread(target=self._relay, args=(server, client, limit), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket, limit: int) -> None:
        """Copy until one side ends, or `limit` bytes were copied (0: without end)."""
        copied = 0
        with contextlib.suppress(OSError):
            while data := source.recv(2_048):
                if limit and copied + len(data) > limit:
                    sink.sendall(data[: limit - copied])
                    break
                sink.sendall(data)
                copied += len(data)
        for side in (source, sink):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
