"""The socket on which the web server is reached: taken once, kept while the server starts again."""

from __future__ import annotations

import http.client
import socket

from outreach.core.errors import Permanent

BACKLOG = 2048
"""Connections that wait for the web server; the usual number of uvicorn."""


def listen(host: str, port: int) -> socket.socket:
    """The socket of the web server. The supervisor keeps it: while the web server starts again, whoever connects waits
    instead of being turned away. Raises `Permanent` with advice when `port` is in use.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except PermissionError as error:
        raise Permanent(f"Port {port} needs more privileges: choose one above 1023 with --port.") from error
    except OSError as error:
        raise Permanent(
            f"Port {port} on {host} is already in use: stop the other process, or choose another port with "
            f"--port (with make: `make run PORT={port + 1}`).",
            code="port_in_use",
        ) from error


def answers(listener: socket.socket) -> bool:
    """Whether the web server behind the socket answers a request, whatever it says."""
    host, port = listener.getsockname()[:2]
    asked = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=5)  # noqa: S104
    try:
        asked.request("GET", "/health/live")
        return bool(asked.getresponse().status)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
