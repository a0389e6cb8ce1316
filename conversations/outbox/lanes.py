"""Wake the lane of a channel, so that what is due leaves at once rather than at the next tick."""

from __future__ import annotations

from collections.abc import Mapping

from leads.models import Channel
from outreach.jobs.services import enqueue

LANES: Mapping[str, str] = {Channel.EMAIL: "email", Channel.SMS: "sms", Channel.NETWORK: "web"}


def wake(channel: str) -> None:
    """Wake the lane of `channel` at once, in the caller's transaction."""
    lane = LANES[channel]
    enqueue(f"conversations.dispatch.tasks.send_due_{channel}", lane=lane, key=f"send_due:{channel}", priority=5)
