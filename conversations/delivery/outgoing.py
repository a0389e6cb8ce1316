"""A message row as its adapter gets it: threading headers, one-click unsubscribe."""

from __future__ import annotations

from django.db import connection

from conversations.channels.base import Outgoing
from conversations.consent.links import unsubscribe_url
from conversations.models import Message
from outreach.core.addresses import EMAIL

MAX_REFERENCES = 20

_CHAIN = """
WITH RECURSIVE chain AS (
    SELECT m.id, m.follows_id, m.rfc_message_id, 1 AS depth FROM conversations_message m WHERE m.id = %s
    UNION ALL
    SELECT p.id, p.follows_id, p.rfc_message_id, c.depth + 1
    FROM chain c JOIN conversations_message p ON p.id = c.follows_id WHERE c.depth < %s
)
SELECT rfc_message_id FROM chain WHERE rfc_message_id <> '' ORDER BY depth DESC
"""


def references(message: Message) -> tuple[str, ...]:
    """The Message-IDs of the whole thread, oldest first, the one that is answered last."""
    chain: list[str] = []
    if message.follows_id:
        with connection.cursor() as cursor:
            cursor.execute(_CHAIN, [message.follows_id, MAX_REFERENCES])
            chain = [row[0] for row in cursor.fetchall()]
    if message.in_reply_to and message.in_reply_to not in chain:
        chain.append(message.in_reply_to)
    return tuple(chain[-MAX_REFERENCES:])


def unsubscribe_headers(message: Message) -> dict[str, str]:
    """RFC 8058: one click for mail that nobody asked for; an answer in a conversation carries none."""
    if message.channel != EMAIL or not message.is_stopped_by_reply:
        return {}
    return {
        "List-Unsubscribe": f"<{unsubscribe_url(message)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def outgoing(message: Message) -> Outgoing:
    """What leaves; exactly the approved columns."""
    return Outgoing(
        id=message.pk,
        channel=message.channel,
        address=message.address,
        subject=message.subject,
        body=message.body,
        body_html=message.body_html,
        rfc_message_id=message.rfc_message_id,
        in_reply_to=message.in_reply_to,
        references=references(message) if message.channel == EMAIL else (),
        language=message.language,
        headers=unsubscribe_headers(message),
        attempted_at=message.sending_at,
    )
