"""Tasks of the network channel."""

from __future__ import annotations

from conversations.channels.network import polling


def work() -> str:
    """Scheduled: one step of each account's lanes."""
    return f"{polling.work()} steps"
