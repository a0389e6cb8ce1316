"""What an approval is bound to. Pure."""

from __future__ import annotations

from outreach.core.hashing import joined_hash


def content_hash(*, subject: str, body: str, address: str, sender_id: int, step_id: int, files: str = "") -> str:
    """Hash of everything that a reviewer agrees to: the words, to whom, from whom, at which step, with which `files`.

    Without files it is what it was before there were any.
    """
    return joined_hash(subject, body, address, str(sender_id), str(step_id), *([files] if files else []))
