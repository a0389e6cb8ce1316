"""The content hash: what an approval is bound to, the same in Python and in SQL. Pure."""

from __future__ import annotations

from typing import Any

from outreach.core.hashing import joined_hash

COLUMNS = ("channel", "sender_id", "address", "subject", "body", "body_html", "enclosures", "copies")
OPTIONAL = ("enclosures", "copies")
"""Came later: counts only where it holds something, so that what was approved before stays approved."""


def content_hash(
    *,
    channel: str,
    sender_id: int | None,
    address: str,
    subject: str,
    body: str,
    body_html: str,
    enclosures: str = "",
    copies: str = "",
) -> str:
    """Hex SHA-256 of what the recipient will get, who it is from and where it goes.

    `enclosures` names the files by their content, `copies` who else gets it.
    """
    further = [text for text in (enclosures, copies) if text]
    return joined_hash(channel, str(sender_id or ""), address, subject, body, body_html, *further)


def approval_hash(row: Any) -> str:
    """The hash of a message (or of anything with its columns) as it is now: what an approval of it is bound to."""
    return content_hash(**{column: getattr(row, column) for column in COLUMNS})


def content_hash_sql(alias: str) -> str:
    """The same of the row `alias` of conversations_message, computed by Postgres."""
    parts = ", ".join(
        f"nullif({alias}.{column}, '')" if column in OPTIONAL else f"coalesce({alias}.{column}::text, '')"
        for column in COLUMNS
    )
    return f"encode(sha256(convert_to(concat_ws(chr(31), {parts}), 'UTF8')), 'hex')"
