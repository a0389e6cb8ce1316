"""Turns a notice into the comparable form of the held-out list."""

from __future__ import annotations

from datetime import UTC, datetime

from conversations.inbound import auto_replies, bounces, mail

NOW = datetime(2025, 3, 3, 16, 12, tzinfo=UTC)


def judge(raw: str) -> tuple[str, str, str, bool]:
    """(kind, first address, reason or date, is hard), in the order in which handling judges."""
    read = mail.parse(raw.encode())
    notice = bounces.read_complaint(read) or bounces.read_bounce(read)
    if notice:
        first = notice.recipients[0] if notice.recipients else None
        return (
            notice.kind,
            first.address if first else "",
            str(first.reason) if first else "",
            bool(first and first.is_hard),
        )
    automatic = auto_replies.read_auto_reply(read, now=NOW)
    if automatic is None:
        return "human", "", "", False
    if automatic.kind == "left":
        return "left", automatic.referral, "", False
    if automatic.kind == "out_of_office":
        return "out_of_office", "", str(automatic.returns_on or ""), False
    return "auto_reply", "", "", False
