"""The dictionary of titles: what nobody has any more is forgotten. Adding is the database's own work."""

from __future__ import annotations

from django.db import connection, transaction

LOCK = 0x7469746C
"""Shared by every transaction that adds titles, held alone here; "titl" in ASCII."""
AT_ONCE = 20_000

_FORGET = """
WITH looked AS (
    DELETE FROM segments_lefttitle WHERE id IN (SELECT id FROM segments_lefttitle ORDER BY id LIMIT %(limit)s)
    RETURNING title_key
)
DELETE FROM segments_title t USING (SELECT DISTINCT title_key FROM looked) x
WHERE t.title_key = x.title_key AND NOT EXISTS (SELECT 1 FROM leads_lead l WHERE l.title_key = x.title_key AND l.erased_at IS NULL)
"""


def forget_unused() -> int:
    """Take titles out that leads have left and nobody has; how many. Does nothing while titles are being added."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_FORGET, {"limit": AT_ONCE})
        return int(cursor.rowcount)
