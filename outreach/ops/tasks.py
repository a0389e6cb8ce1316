"""Watching."""

from __future__ import annotations

from outreach.ops import alerts


def watch() -> str:
    return alerts.watch()
