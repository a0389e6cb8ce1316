"""Background work of tracking."""

from __future__ import annotations

from conversations.tracking import services


def judge(message_id: int) -> str:
    return f"{services.judge(message_id=message_id)} hits judged"
