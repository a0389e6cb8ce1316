"""Turns a mail into the comparable form of the held-out list."""

from __future__ import annotations

from datetime import UTC, datetime

from conversations.reading import incoming

NOW = datetime(2025, 3, 3, 16, 12, tzinfo=UTC)


def judge(raw: str) -> tuple[str, str, str, bool]:
    """(kind, first address, reason or date, is hard), in the order in which handling judges."""
    read = incoming.read(raw.encode(), now=NOW)
    if read.notice:
        first = read.notice.recipients[0] if read.notice.recipients else None
        return (
            read.notice.kind,
            first.address if first else "",
            str(first.reason) if first else "",
            bool(first and first.is_hard),
        )
    if read.kind == "person":
        return "human", "", "", False
    if read.kind == "left":
        return "left", read.automatic.referral, "", False
    if read.kind == "absence":
        return "out_of_office", "", str(read.automatic.returns_on or ""), False
    return str(read.kind), "", "", False
