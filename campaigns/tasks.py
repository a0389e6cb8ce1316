"""Periodic work of campaigns."""

from campaigns import services


def complete_finished() -> str:
    """Complete campaigns in which nothing is left to do."""
    return f"{services.complete_finished()} completed"
