"""Background work of saved reports."""

from __future__ import annotations

from campaigns.sharing import services


def send_due() -> str:
    """Reports whose time has come."""
    return f"{services.send_due()} reports sent"
