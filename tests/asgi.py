"""The real ASGI server in a thread of the test, on the test's database: for what only it can do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from outreach.events.feed import FEED


@contextmanager
def asgi_server() -> Iterator[str]:
    """Serve until the block ends; its address. Needs a database that is not held in one transaction."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config = uvicorn.Config("outreach.asgi:application", log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            FEED.close()
            server.should_exit = True
            thread.join(10)
