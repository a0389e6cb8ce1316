"""Where the made-up sites of this demo world listen.

The port is chosen freely when the demo world starts for the first time and kept beside its data, because accounts and profiles
name it. Two demo worlds on one machine never share one.
"""

from __future__ import annotations

import contextlib
import os
import socket

from django.conf import settings

from outreach.web.addresses import LOCAL_SITES

HOST = "127.0.0.1"
FILE = "demo_sites_port"


def port() -> int:
    """The port of this demo world's sites."""
    with contextlib.suppress(FileNotFoundError):
        return int((settings.DATA_DIR / FILE).read_text())
    with socket.socket() as free:
        free.bind((HOST, 0))
        chosen = int(free.getsockname()[1])
    keep(chosen)
    return chosen


def keep(number: int) -> None:
    """Write the port beside the data, whole or not at all."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    draft = settings.DATA_DIR / f"{FILE}.{os.getpid()}"
    draft.write_text(str(number))
    draft.replace(settings.DATA_DIR / FILE)


def place() -> str:
    """`ip:port` of the sites."""
    return f"{HOST}:{port()}"


def let_browsers_in() -> None:
    """Allow the browser of network accounts to visit the sites, although they are on this machine."""
    if place not in LOCAL_SITES:
        LOCAL_SITES.append(place)


def network_url() -> str:
    """The address of the made-up professional network."""
    return f"http://{place()}"
