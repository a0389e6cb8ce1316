"""Take from and give back to the one locked row of a limited thing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from outreach.limits import buckets, windows
from outreach.limits.buckets import Share
from outreach.limits.models import Allowance
from outreach.limits.windows import Limits

WATCH_EVERY = timedelta(seconds=60)
"""How often the moment at which a limited thing was last looked after is written down."""


def ensure(keys: Iterable[str]) -> None:
    """Create the rows that do not exist yet."""
    Allowance.objects.bulk_create([Allowance(key=key) for key in keys], ignore_conflicts=True)


def lock(key: str, *, is_waiting: bool = True) -> Allowance | None:
    """The row under its lock, in the caller's transaction, created on first use; None when it is held and we do not wait."""
    rows = Allowance.objects.select_for_update(skip_locked=not is_waiting)
    row = rows.filter(key=key).first()
    if row is None and not Allowance.objects.filter(key=key).exists():
        ensure([key])
        row = rows.filter(key=key).first()
    return row


def available(row: Allowance, limits: Limits, now: datetime, *, wanted: int) -> int:
    """How many of `wanted` uses may be taken at `now`: caps, back-off, and one at a time when there is a gap."""
    if row.next_at and row.next_at > now:
        return 0
    allowed = windows.room(row.usage, limits, now)
    count = wanted if allowed is None else min(wanted, allowed)
    return min(count, 1) if limits.gap else count


def spend(
    row: Allowance,
    limits: Limits,
    count: int,
    now: datetime,
    *,
    further: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> None:
    """Record `count` uses on a row that the caller has locked; `further` adds what else follows from them."""
    if not count:
        return
    usage = windows.add(row.usage, count, now)
    row.usage = further(usage) if further else usage
    if limits.gap:
        row.next_at = now + limits.gap
    row.save(update_fields=["usage", "next_at", "updated_at"])


def take(key: str, count: int, limits: Limits, now: datetime) -> int:
    """Take up to `count` uses and return how many were granted."""
    with transaction.atomic():
        row = lock(key)
        if row is None:
            return 0
        granted = available(row, limits, now, wanted=count)
        spend(row, limits, granted, now)
        return granted


def give_back(key: str, count: int, taken_at: datetime) -> None:
    """Return `count` uses that were taken at `taken_at` and not used."""
    with transaction.atomic():
        row = lock(key)
        if row is not None:
            row.usage = windows.withdraw(row.usage, count, taken_at)
            row.save(update_fields=["usage", "updated_at"])


def hold_off(key: str, until: datetime) -> None:
    """Allow no use before `until`; a later moment that is already set stays."""
    with transaction.atomic():
        row = lock(key)
        if row is not None and (row.next_at is None or row.next_at < until):
            row.next_at = until
            row.save(update_fields=["next_at", "updated_at"])


def take_tokens(shares: Sequence[Share], now: datetime) -> tuple[Share, timedelta] | None:
    """Take from every bucket, or from none: then the one that has too few tokens, and how long to wait for them."""
    with transaction.atomic(savepoint=False):
        keys = [share.key for share in shares]
        rows = Allowance.objects.select_for_update().filter(key__in=keys).order_by("key").values_list("key", "usage")
        usages = dict(rows)
        if len(usages) < len(keys):
            ensure(keys)
            usages = dict(rows.all())
        after = {}
        for share in shares:
            bucket, wait = buckets.take(_bucket(usages[share.key]), share.rate, share.count, now)
            if wait:
                return share, wait
            after[share.key] = json.dumps({"tokens": bucket.tokens, "at": bucket.at.isoformat()})
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE limits_allowance a SET usage = a.usage || jsonb_build_object('bucket', b.state::jsonb), updated_at = %s
                FROM unnest(%s::text[], %s::text[]) AS b(key, state) WHERE a.key = b.key
                """,
                [now, list(after), list(after.values())],
            )
    return None


def _bucket(usage: dict[str, Any]) -> buckets.Bucket | None:
    state = usage.get("bucket")
    return buckets.Bucket(state["tokens"], datetime.fromisoformat(state["at"])) if state else None


def give_back_tokens(share: Share) -> None:
    """Put back tokens that were taken and not used; a bucket is never fuller than its burst."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE limits_allowance SET usage = jsonb_set(usage, '{bucket,tokens}',
                to_jsonb(least(%s::float8, (usage#>>'{bucket,tokens}')::float8 + %s::float8)))
            WHERE key = %s AND usage->'bucket' IS NOT NULL
            """,
            [share.rate.burst, share.count, share.key],
        )


def watch(keys: list[str], *, now: datetime, tolerance: timedelta) -> list[str]:
    """Record that these things are being watched at `now`; returns the keys whose watch has just restarted.

    `watched_since` restarts when no one looked for longer than `tolerance`: what was due before that moment was
    missed (an outage, a restored snapshot) rather than held back by a cap. At most one write a minute a row; a row
    that is locked is left for the next time.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE limits_allowance a SET usage = a.usage || jsonb_build_object(
                'watched_at', to_jsonb(%(now)s::timestamptz),
                'watched_since', CASE
                    WHEN (a.usage->>'watched_at')::timestamptz > %(now)s::timestamptz - make_interval(secs => %(tolerance)s::float8)
                    THEN a.usage->'watched_since' ELSE to_jsonb(%(now)s::timestamptz) END)
            WHERE a.id = ANY(ARRAY(
                SELECT id FROM limits_allowance
                WHERE key = ANY(%(keys)s)
                  AND (usage->>'watched_at' IS NULL
                       OR (usage->>'watched_at')::timestamptz < %(now)s::timestamptz - make_interval(secs => %(every)s::float8))
                ORDER BY id FOR UPDATE SKIP LOCKED))
            RETURNING a.key, (a.usage->>'watched_since')::timestamptz = %(now)s::timestamptz
            """,
            {"now": now, "tolerance": str(tolerance.total_seconds()), "keys": keys, "every": str(WATCH_EVERY.seconds)},
        )
        return [key for key, is_new in cursor.fetchall() if is_new]
