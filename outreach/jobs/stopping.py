"""How a worker learns that it should stop: first a flag that long loops look at, then an interruption.

The guard of its lane sends `SIGUSR1` at once and a second time when the grace is over. The interruption is a
`KeyboardInterrupt`, for which psycopg cancels the statement that is running on the server.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any


class Stopping(KeyboardInterrupt):
    """The grace is over: what is being done is given back to the queue."""


class _Request:
    is_made = False


def is_requested() -> bool:
    """Whether this process should begin nothing more."""
    return _Request.is_made


def request(number: int = 0, frame: FrameType | None = None) -> None:
    """The handler of the signal."""
    if _Request.is_made:
        raise Stopping
    _Request.is_made = True


def listen(**_kwargs: Any) -> None:
    """In a worker, as it starts. A plain `SIGTERM` ends it, whatever the process that forked it does with one."""
    _Request.is_made = False
    signal.signal(signal.SIGUSR1, request)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
