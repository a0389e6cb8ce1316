"""Free ports for servers that tests start as separate processes."""

from __future__ import annotations

import random
import socket

GIVEN_BY_HAND = range(20_000, 32_000)
"""Below those that the system gives out by itself: no other test's connection takes one before its server stands."""


def free_port() -> int:
    for port in random.SystemRandom().sample(GIVEN_BY_HAND, 1_000):  # `random` itself begins alike in all workers
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")
