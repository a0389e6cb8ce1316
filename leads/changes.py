"""What every service that changes leads records in its own transaction: which leads, and the titles they have now.

Whoever keeps sets of leads takes the changes out and looks at those leads again; criteria about titles look them up
in the dictionary. Nothing is recorded behind a service's back: who changes a lead, its addresses, its company or
whether it may be written to calls `record`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from outreach.core import clock

TITLE_LOCK = 0x7469746C
"""Shared by every transaction that adds titles, held alone by who removes some; "titl" in ASCII."""
SLICE = 20_000
"""Titles checked for use at once."""
FORGET_SECONDS = 1_800
"""How often `forget_titles` runs: each time it checks the next slice."""

_RECORD = """
INSERT INTO leads_leadchange (lead_id) {leads};
SELECT pg_advisory_xact_lock_shared({lock});
INSERT INTO leads_title (title_key)
SELECT DISTINCT l.title_key FROM leads_lead l
WHERE l.id IN ({leads}) AND l.title_key <> '' AND l.erased_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM leads_title t WHERE t.title_key = l.title_key)
"""
"""Three statements, each with its own snapshot: titles are compared after the lock is held."""
_FORGET = """
DELETE FROM leads_title t WHERE {which}
AND NOT EXISTS (SELECT 1 FROM leads_lead l WHERE l.title_key = t.title_key AND l.erased_at IS NULL)
"""


def record(lead_ids: Iterable[int]) -> None:
    """These leads were changed, made or removed in this transaction, or may now (or no longer) be written to."""
    ids = list(lead_ids)
    if ids:
        record_selected("SELECT unnest(%(ids)s::bigint[])", {"ids": ids})


def record_companies(company_ids: Iterable[int]) -> None:
    """The leads of these companies were changed with them."""
    ids = list(company_ids)
    if ids:
        record_selected("SELECT id FROM leads_lead WHERE company_id = ANY(%(ids)s)", {"ids": ids})


def record_selected(leads: str, parameters: Mapping[str, Any] | None = None) -> None:
    """The leads whose ids the SQL `leads` selects, however many."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORD.format(leads=leads, lock=TITLE_LOCK), parameters)


def forget_titles(title_keys: Sequence[str] | None = None) -> int:
    """Remove those of these titles that no lead has any more, or of the slice whose turn it is; how many.

    Does nothing while titles are being added.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TITLE_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        if title_keys is not None:
            cursor.execute(_FORGET.format(which="t.title_key = ANY(%s)"), [list(title_keys)])
            return int(cursor.rowcount)
        cursor.execute("SELECT coalesce(max(id), 0) FROM leads_title")
        slices = cursor.fetchone()[0] // SLICE + 1
        first = int(clock.now().timestamp()) // FORGET_SECONDS % slices * SLICE
        cursor.execute(_FORGET.format(which="t.id >= %s AND t.id < %s"), [first, first + SLICE])
        return int(cursor.rowcount)
