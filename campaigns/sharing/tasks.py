"""Background work of saved reports."""

from __future__ import annotations

from campaigns.sharing import services
from outreach.core.words import ngettext


def send_due() -> str:
    """Reports whose time has come."""
    count = services.send_due()
    return ngettext("%(count)s report sent", "%(count)s reports sent", count) % {"count": count}
