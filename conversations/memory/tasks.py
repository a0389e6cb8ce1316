"""Tasks of memory."""

from __future__ import annotations

from conversations.memory import services


def fade() -> str:
    """Let go what has faded."""
    return f"{services.fade()} memories"
