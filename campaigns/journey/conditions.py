"""Whether a step's condition is met, from what is known about its message. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

ALWAYS = "always"
WAITING = ("connected",)
"""Conditions that are waited for; all others are decided once, when the step is due."""
LONGEST_WAIT = timedelta(days=30)
FIRST_WAIT = timedelta(hours=3)
_OPENED = ("opened", "clicked", "replied", "converted")
_CLICKED = ("clicked", "converted")
_DELIVERED = ("delivered", *_OPENED)


@dataclass(frozen=True)
class Facts:
    """The outcome of the message that a condition depends on. `state` empty: there is no such message."""

    state: str = ""
    is_delivered: bool = False
    is_opened: bool = False
    is_clicked: bool = False
    is_connected: bool = False

    @property
    def has_left(self) -> bool:
        return self.state in ("sent", "bounced", *_DELIVERED)


def holds(condition: str, facts: Facts) -> bool:
    """Whether `condition` holds. Without the message nothing holds that asks about one, not even its contrary."""
    if condition == ALWAYS:
        return True
    if condition == "connected":
        return facts.is_connected
    if condition == "not_connected":
        return not facts.is_connected
    if not facts.has_left:
        return False
    opened = facts.is_opened or facts.state in _OPENED
    clicked = facts.is_clicked or facts.state in _CLICKED
    bounced = facts.state == "bounced"
    answers = {
        "opened": opened or clicked,
        "not_opened": not (opened or clicked or bounced),
        "clicked": clicked,
        "not_clicked": not (clicked or bounced),
        "delivered": facts.is_delivered or facts.state in _DELIVERED,
        "bounced": bounced,
    }
    return answers[condition]


def look_again_at(*, looked: int, since: datetime, now: datetime) -> datetime | None:
    """When a condition is checked again: after doubling intervals; None when it took too long."""
    if now - since >= LONGEST_WAIT:
        return None
    wait: timedelta = FIRST_WAIT * 2 ** min(looked, 8)
    return min(now + wait, since + LONGEST_WAIT)
