"""The simulated recipients' clock."""

from __future__ import annotations

from campaigns.demo.sandbox import recorder


def play_due() -> None:
    """Scheduled: let happen what simulated recipients are due to do."""
    recorder.play_due()
