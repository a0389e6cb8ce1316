"""Keeps what the inbox finds a conversation by, and turns what somebody types into a search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import reduce

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import F, Func, Value

from conversations.models import MESSAGE, Conversation, Message
from conversations.outbox.states import in_sql
from conversations.replies.models import Listing, Presence, Reading
from leads.models import Company, Identity, Lead
from outreach.events.services import publish_all

MAX_MESSAGES, MAX_CHARACTERS = 60, 4_000
"""Of a conversation: its newest messages, and of each so much."""
MAX_WORDS = 8
_WORD = re.compile(r"[\w@.+&-]+")

_REFRESH = f"""
INSERT INTO {Listing._meta.db_table} (conversation_id, at, words, marks)
SELECT c.id, c.last_inbound_at,
    setweight(to_tsvector('simple', concat_ws(' ', l.full_name, l.first_name, l.last_name, o.name, o.domain, c.contact,
        array_to_string(l.tags, ' '), a.addresses, translate(concat_ws(' ', c.contact, a.addresses), '@', ' '),
        translate(concat_ws(' ', c.contact, a.addresses), '@._-+', '     '))), 'A')
    || to_tsvector('simple', coalesce(m.words, '')) || to_tsvector('russian', coalesce(m.words, '')),
    coalesce(m.channels, '{{}}') || coalesce(m.senders, '{{}}') || coalesce(r.intents, '{{}}')
        || coalesce(t.tags, '{{}}') || coalesce(s.subjects, '{{}}') || coalesce(p.seen, '{{}}')
FROM {Conversation._meta.db_table} c
LEFT JOIN {Lead._meta.db_table} l ON l.id = c.lead_id
LEFT JOIN {Company._meta.db_table} o ON o.id = l.company_id
LEFT JOIN LATERAL (
    SELECT string_agg(i.address, ' ') AS addresses FROM {Identity._meta.db_table} i WHERE i.lead_id = c.lead_id
) a ON true
LEFT JOIN LATERAL (
    SELECT string_agg(left(n.subject || ' ' || n.body, {MAX_CHARACTERS}), ' ') AS words,
        array_agg(DISTINCT 'channel:' || n.channel) FILTER (WHERE n.direction <> 'note') AS channels,
        array_agg(DISTINCT 'sender:' || n.sender_id) FILTER (WHERE n.sender_id IS NOT NULL) AS senders
    FROM (
        SELECT * FROM {Message._meta.db_table} n
        WHERE n.conversation_id = c.id AND n.state NOT IN {in_sql(MESSAGE.not_left)}
        ORDER BY n.id DESC LIMIT {MAX_MESSAGES}) n
) m ON true
LEFT JOIN LATERAL (
    SELECT ARRAY['intent:' || r.intent] AS intents
    FROM {Message._meta.db_table} n JOIN {Reading._meta.db_table} r ON r.message_id = n.id
    WHERE n.conversation_id = c.id AND n.direction = 'in' ORDER BY n.id DESC, r.id DESC LIMIT 1
) r ON true
LEFT JOIN LATERAL (SELECT array_agg(DISTINCT 'tag:' || tag) AS tags FROM unnest(l.tags) tag) t ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT 'about:' || kind.name) AS subjects
    FROM {Message._meta.db_table} n JOIN {Reading._meta.db_table} d ON d.message_id = n.id,
        jsonb_object_keys(coalesce(d.facts->'subjects', '{{}}')) AS kind(name)
    WHERE n.conversation_id = c.id AND n.direction = 'in'
) s ON true
LEFT JOIN LATERAL (
    SELECT array_agg('seen:' || p.user_id) AS seen FROM {Presence._meta.db_table} p
    WHERE p.conversation_id = c.id AND p.seen_at >= c.last_inbound_at
) p ON true
WHERE c.id = ANY(%s)
ON CONFLICT (conversation_id) DO UPDATE SET at = excluded.at, words = excluded.words, marks = excluded.marks
"""  # noqa: S608
"""Words as they are written, so that their beginnings find them, and the stems of texts: the configuration `russian`
stems Cyrillic words in Russian and Latin ones in English."""


def refresh(conversation_ids: Iterable[int]) -> None:
    """Rewrite what the given conversations are found by, in the caller's transaction, and tell open pages."""
    ids = sorted(set(conversation_ids))
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_REFRESH, [ids])
        publish_all("conversation.changed", ({"conversation_id": pk} for pk in ids))


def refresh_lead(lead_id: int) -> None:
    """Follow a lead that has a new name, company or address."""
    refresh(Listing.objects.filter(conversation__lead=lead_id).values_list("pk", flat=True))


def mark_seen(conversation_id: int, *, user_id: int, at: datetime) -> None:
    """Note that the user looked at `at`: it is unread no more, unless the person has written since."""
    mark = seen_by(user_id)
    rows = Listing.objects.filter(pk=conversation_id, at__lte=at).exclude(marks__contains=[mark])
    rows.update(marks=Func(F("marks"), Value(mark), function="array_append"))


def mark_unseen(conversation_id: int, *, user_id: int) -> None:
    rows = Listing.objects.filter(pk=conversation_id)
    rows.update(marks=Func(F("marks"), Value(seen_by(user_id)), function="array_remove"))


def seen_by(user_id: int) -> str:
    """The mark of a conversation in which nobody wrote since the user last looked."""
    return f"seen:{user_id}"


def search_query(text: str) -> SearchQuery | None:
    """Every word of `text`, its beginning, or another form of it. None without words."""
    words = [word.strip(".&-+") for word in _WORD.findall(text)][:MAX_WORDS]
    queries = [_word_query(word) for word in words if word]
    return reduce(lambda one, other: one & other, queries) if queries else None


def _word_query(word: str) -> SearchQuery:
    quoted = f"'{word}'"
    return SearchQuery(f"{quoted}:*", search_type="raw", config="simple") | SearchQuery(
        quoted, search_type="raw", config="russian"
    )
