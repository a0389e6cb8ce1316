"""The periodic check of recipients' domains."""

from __future__ import annotations

from conversations.senders.deliverability import services
from outreach.core.words import gettext as _


def look_up_domains() -> str:
    read = services.note_planned()
    return _("Messages read: %(read)s, domains looked up: %(found)s") % {"read": read, "found": services.look_up_due()}
