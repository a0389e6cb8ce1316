"""A message row as its adapter gets it: threading headers, one-click unsubscribe, footer, files, tracking."""

from __future__ import annotations

from django.db import connection

from conversations.channels.base import Outgoing
from conversations.channels.email import html
from conversations.consent import links
from conversations.dispatch import footers
from conversations.files.services import attachments
from conversations.models import Message
from conversations.outbox.copies import decode
from conversations.tracking import services as tracking
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
    if previous := message.follows_id or message.attributes.get("answers"):
        with connection.cursor() as cursor:
            cursor.execute(_CHAIN, [previous, MAX_REFERENCES])
            chain = [row[0] for row in cursor.fetchall()]
    if message.in_reply_to and message.in_reply_to not in chain:
        chain.append(message.in_reply_to)
    return tuple(chain[-MAX_REFERENCES:])


def unsubscribe_headers(message: Message) -> dict[str, str]:
    """RFC 2369 and 8058: one click over https, and a mail where the sender's mailbox is read.

    For mail that nobody asked for; an answer in a conversation carries none.
    """
    if message.channel != EMAIL or not message.is_stopped_by_reply:
        return {}
    ways = []
    is_one_click = links.is_one_click_possible()
    if is_one_click:
        ways.append(f"<{links.unsubscribe_url(message)}>")
    if message.sender is not None and message.sender.settings.get("imap_host"):
        ways.append(f"<{links.mailto(message, message.sender.address)}>")
    headers = {"List-Unsubscribe": ", ".join(ways)} if ways else {}
    if is_one_click:
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def outgoing(message: Message) -> Outgoing:
    """What is sent: the approved columns, the legally required footer for campaign mail, and tracking if chosen."""
    body, body_html = footers.with_footer(message)
    if message.attributes.get("is_tracked"):
        body_html = tracking.prepared(message, body_html or html.of_text(body))
    return Outgoing(
        id=message.pk,
        channel=message.channel,
        address=message.address,
        subject=message.subject,
        body=body,
        body_html=body_html,
        rfc_message_id=message.rfc_message_id,
        in_reply_to=message.in_reply_to,
        references=references(message) if message.channel == EMAIL else (),
        language=message.language,
        copies=decode(message.copies),
        headers=unsubscribe_headers(message),
        attachments=attachments(message.enclosures) if message.enclosures else (),
        attempted_at=message.sending_at,
    )
