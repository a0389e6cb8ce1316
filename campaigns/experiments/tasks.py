"""Background work of experiments."""

from __future__ import annotations

from campaigns.experiments import services


def look() -> str:
    """Every hour; see `services.look`."""
    return f"{len(services.look())} looked at"
