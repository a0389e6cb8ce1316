"""Tasks of memory."""

from __future__ import annotations

from conversations.memory import services
from outreach.core.words import ngettext


def fade() -> str:
    """Let go what has faded."""
    count = services.fade()
    return ngettext("%(count)s memory", "%(count)s memories", count) % {"count": count}
