"""The queue table: put, claim, fence, finish. Everything that touches `QueueItem` rows is here.

Times are the database's own, so that several machines with different clocks agree.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from outreach.core.words import gettext as _
from outreach.jobs.policy import CLAIM_LEASE, MAX_ATTEMPTS, RUN_LEASE, back_off


@dataclass(frozen=True)
class Claimed:
    """An item that this process holds. `attempt` is the fence: a later claim has a higher one."""

    id: int
    task: str
    arguments: list[Any]
    attempt: int
    timeout_seconds: int


def channel(lane: str) -> str:
    """The Postgres notification channel of a lane."""
    return f"outreach_lane_{lane}"


def put(
    *,
    task: str,
    arguments: list[Any],
    lane: str,
    priority: int,
    delay: timedelta,
    key: str,
    timeout_seconds: int,
) -> None:
    """Insert one item in the caller's transaction and notify its lane after the commit.

    With a `key`, a waiting item with that key that is due no later makes the insert unnecessary, and the notification
    too: who put that one notifies. It is locked against being claimed until the caller commits, so the wake-up is never
    lost to a race.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT jobs_put(%s, %s, %s::jsonb, %s, %s, %s, %s)",
            [lane, task, json.dumps(arguments), key, priority, delay.total_seconds(), timeout_seconds],
        )
        if cursor.fetchone()[0]:
            notify_after_commit(lane)


def notify_after_commit(lane: str) -> None:
    """Tell the lane once the items can be seen.

    Not within the transaction: Postgres holds one lock over all commits that notify, through their flush to disk, so
    that only one of them could commit at a time. A notification that is lost costs one interval of polling.
    """

    def notify() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [channel(lane)])

    transaction.on_commit(notify, robust=True)


def claim(lane: str, count: int = 1) -> list[Claimed]:
    """Claim due items, highest priority and oldest first. An item out of attempts becomes dead instead."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH picked AS (
                SELECT id FROM jobs_queueitem
                WHERE lane = %s AND NOT is_dead AND run_at <= now()
                  AND (locked_until IS NULL OR locked_until < now())
                ORDER BY priority DESC, run_at, id LIMIT %s FOR UPDATE SKIP LOCKED
            ), claimed AS (
                UPDATE jobs_queueitem AS item
                SET attempts = CASE WHEN attempts >= %s THEN attempts ELSE attempts + 1 END,
                    is_dead = attempts >= %s,
                    error = CASE WHEN attempts >= %s AND error = '' THEN 'Its worker died or timed out every time.'
                                 ELSE error END,
                    locked_until = now() + make_interval(secs => %s), started_at = NULL
                FROM picked WHERE item.id = picked.id
                RETURNING item.id, item.task, item.arguments, item.attempts, item.timeout_seconds, item.is_dead,
                    item.priority, item.run_at
            )
            SELECT id, task, arguments, attempts, timeout_seconds, is_dead FROM claimed ORDER BY priority DESC, run_at, id
            """,
            [lane, count, MAX_ATTEMPTS, MAX_ATTEMPTS, MAX_ATTEMPTS, CLAIM_LEASE.total_seconds()],
        )
        rows = cursor.fetchall()
    return [
        Claimed(pk, task, json.loads(arguments) if isinstance(arguments, str) else arguments, attempt, timeout)
        for pk, task, arguments, attempt, timeout, is_dead in rows
        if not is_dead
    ]


def hold(item_id: int, attempt: int) -> Claimed | None:
    """Fence before running, and keep alive while running: None when a later claim took the item over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_queueitem SET locked_until = now() + make_interval(secs => %s),"
            " started_at = COALESCE(started_at, now()), holder = %s WHERE id = %s AND attempts = %s AND NOT is_dead"
            " RETURNING task, arguments, timeout_seconds",
            [RUN_LEASE.total_seconds(), holder(os.getppid(), os.getpid()), item_id, attempt],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    arguments = json.loads(row[1]) if isinstance(row[1], str) else row[1]
    return Claimed(item_id, row[0], arguments, attempt, row[2])


def holder(guard: int, worker: int | None = None) -> str:
    """How a worker of this machine is named, or what the names of all below `guard` begin with."""
    return f"{socket.gethostname()}:{guard}:{f'{worker}:' if worker else ''}"


def give_up(guard: int, worker: int | None = None) -> int:
    """Free at once, instead of when the lease ends, what a dead worker of this machine held; all of `guard` if none is named.

    It counts as an error: the next attempt waits, as the work may be what killed its worker.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, task, arguments::text, attempts, timeout_seconds FROM jobs_queueitem"
            " WHERE starts_with(holder, %s) AND started_at IS NOT NULL AND NOT is_dead",
            [holder(guard, worker)],
        )
        rows = cursor.fetchall()
    for pk, task, arguments, attempt, timeout in rows:
        postpone(Claimed(pk, task, json.loads(arguments), attempt, timeout), error=_("The worker died."))
    return len(rows)


def finish(item: Claimed) -> None:
    """The work is done: the wake-up goes away."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM jobs_queueitem WHERE id = %s AND attempts = %s", [item.id, item.attempt])


def release(item_id: int, attempt: int) -> None:
    """Give an unfinished item back, without counting the attempt: its worker is told to stop."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_queueitem SET locked_until = NULL, started_at = NULL, attempts = attempts - 1"
            " WHERE id = %s AND attempts = %s AND NOT is_dead",
            [item_id, attempt],
        )


def postpone(item: Claimed, *, error: str, after: timedelta | None = None, is_final: bool = False) -> None:
    """The work failed: try again later, or mark the item as dead when it is out of attempts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_queueitem SET locked_until = NULL, started_at = NULL, run_at = now() + make_interval(secs => %s), error = %s,"
            " is_dead = %s OR attempts >= %s WHERE id = %s AND attempts = %s",
            [
                (after or back_off(item.attempt)).total_seconds(),
                error[:4000],
                is_final,
                MAX_ATTEMPTS,
                item.id,
                item.attempt,
            ],
        )
