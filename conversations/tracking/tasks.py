"""Background work of tracking."""

from __future__ import annotations

from conversations.tracking import services
from outreach.core.words import ngettext


def judge(message_id: int) -> str:
    count = services.judge(message_id=message_id)
    return ngettext("%(count)s hit judged", "%(count)s hits judged", count) % {"count": count}
