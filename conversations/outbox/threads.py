"""How messages hang together by e-mail: Message-IDs and subjects. Pure."""

from __future__ import annotations

import re
from uuid import uuid4

from outreach.core.addresses import EMAIL

MAX_SUBJECT = 255
_REPLY = re.compile(r"^\s*re\s*:", re.IGNORECASE)


def new_message_id(channel: str, address: str) -> str:
    """A Message-ID without angle brackets, made before anything is sent; empty where the channel has none."""
    if channel != EMAIL:
        return ""
    return f"{uuid4().hex}@{address.rpartition('@')[2].lower() or 'outreach.invalid'}"


def reply_subject(first: str, given: str = "") -> str:
    """`Re: ` and the subject of the thread, once; the thread's subject wins over a new one."""
    subject = first or given
    if not subject or _REPLY.match(subject):
        return subject
    return f"Re: {subject}"[:MAX_SUBJECT]
