"""The periodic check of recipients' domains."""

from __future__ import annotations

from conversations.senders.deliverability import services


def look_up_domains() -> str:
    read = services.note_planned()
    return f"{read} messages read, {services.look_up_due()} domains looked up"
