"""Claims under quota by four processes, against the same claim with an unlocked quota read (which overdraws)."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, connections

from tests.benchmarks import Row

CLAIMERS = 4
LARGE = 50
"""A batch of the size that the target names, beside the product's own."""
SENDERS = 8

Claim = Callable[[Any, int], list[int]]


def run(scale: int) -> list[Row]:
    """`scale` due messages over eight senders whose caps allow nine in ten of them."""
    return [row for batch in (LARGE, settings.OUTREACH.delivery.batch_size) for row in _of(batch, scale)]


def _of(batch: int, scale: int) -> list[Row]:
    per_sender = max(200, scale // SENDERS)
    cap = per_sender * 9 // 10
    ours = _race(per_sender, cap, _locked, batch)
    rival = _race(per_sender, cap, _unlocked, batch)
    return [
        Row(
            f"claims a second under quota, {CLAIMERS} processes, batches of {batch}",
            ours["rate"], "rows/s", rival["rate"], ours["rate"] / rival["rate"],
            "≥ 5,000/s, 0 twice, 0 over quota",
            ours["rate"] >= 5_000 and not ours["twice"] and not ours["over"],
        ),
        Row(
            f"claim of a batch of {batch}, 95th percentile", ours["p95"], "ms", rival["p95"],
            ours["p95"] / rival["p95"], "≤ 10 ms", ours["p95"] <= 10,
        ),
        Row(
            "claimed over quota (beside: unlocked quota read)", ours["over"], "rows", rival["over"], 0.0, "0",
            not ours["over"],
        ),
        Row("claimed twice", ours["twice"], "rows", rival["twice"], 0.0, "0", not ours["twice"]),
    ]  # fmt: skip


def _world(per_sender: int, cap: int) -> list[int]:
    from conversations.models import Conversation, Message
    from conversations.outbox.content import content_hash_sql
    from conversations.outbox.models import Stream
    from conversations.senders.models import Sender
    from outreach.limits.models import Allowance

    Message.objects.all().delete()
    Allowance.objects.all().delete()
    Sender.objects.filter(name__startswith="bench ").delete()
    people = range(1, per_sender + 1)
    conversations = [
        row.pk
        for row in Conversation.objects.bulk_create([Conversation(contact=f"p{n}@firm.de") for n in people], 5_000)
    ]
    streams = [Stream.objects.create(name=f"bench {number}", state="active").pk for number in range(3)]
    senders = [
        Sender.objects.create(
            name=f"bench {uuid4()}", channel="email", adapter="smtp", address="a@firm.de", state="active",
            hourly_cap=cap, daily_cap=cap, weekly_cap=cap,
        ).pk
        for _ in range(SENDERS)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO conversations_message (created_at, updated_at, conversation_id, sender_id, stream_id, direction,
                channel, state, address, address_digest, subject, body, body_html, language, attributes, approved_hash,
                approval_rule, rfc_message_id, in_reply_to, provider_id, priority, is_stopped_by_reply, scheduled_at,
                planned_at, attempts, refused_by, error_code, error)
            SELECT now(), now(), (%s::bigint[])[n], s.id, (%s::bigint[])[1 + n %% 3], 'out', 'email', 'scheduled', 'p' || n || '@firm.de', '',
                'Hello', 'Text ' || n, '', '', '{}', 'x', 'bench', '', '', '', 0, true,
                now() - interval '1 minute' + n * interval '1 millisecond', now(), 0, '', '', ''
            FROM unnest(%s::bigint[]) AS s(id), generate_series(1, %s) n
            """,
            [conversations, streams, senders, per_sender],
        )
        cursor.execute(f"UPDATE conversations_message m SET approved_hash = {content_hash_sql('m')}")
        cursor.execute("VACUUM ANALYZE conversations_message")
    return senders


def _race(per_sender: int, cap: int, claim: Claim, batch: int) -> dict[str, float]:
    """Processes, as the product has them: threads would measure who gets the interpreter."""
    senders = _world(per_sender, cap)
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    start, answers = fork.Barrier(CLAIMERS + 1), fork.SimpleQueue()
    claimers = [
        fork.Process(target=_claimer, args=(senders, number, cap, claim, batch, start, answers))
        for number in range(CLAIMERS)
    ]
    for process in claimers:
        process.start()
    start.wait()
    began = time.perf_counter()
    found = [answers.get() for _process in claimers]
    seconds = time.perf_counter() - began
    for process in claimers:
        process.join()
    times = [took for own, _claimed in found for took in own]
    claimed = [pair for _own, pairs in found for pair in pairs]
    by_sender = Counter(sender for sender, _pk in claimed)
    return {
        "rate": len(claimed) / seconds,
        "p95": statistics.quantiles(times, n=20)[-1] * 1000,
        "twice": len(claimed) - len({pk for _sender, pk in claimed}),
        "over": sum(max(0, count - cap) for count in by_sender.values()),
    }


def _claimer(senders: list[int], number: int, cap: int, claim: Claim, batch: int, start: Any, answers: Any) -> None:
    from conversations.senders.models import Sender

    rows = list(Sender.objects.filter(pk__in=senders).order_by("id"))
    rows = rows[number * 2 :] + rows[: number * 2]
    times: list[float] = []
    claimed: list[tuple[int, int]] = []
    left = set(senders)
    start.wait()
    while left:
        for row in rows:
            if row.pk not in left:
                continue
            began = time.perf_counter()
            ids = claim(row, batch)
            took = time.perf_counter() - began
            if ids:
                times.append(took)
                claimed.extend((row.pk, pk) for pk in ids)
            elif _is_drained(row.pk, cap):
                left.discard(row.pk)
    answers.put((times, claimed))
    connections.close_all()


def _is_drained(sender_id: int, cap: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM conversations_message WHERE sender_id = %s AND state = 'claimed'", [sender_id]
        )
        return bool(cursor.fetchone()[0] >= cap)


def _locked(sender: Any, batch: int) -> list[int]:
    from conversations.dispatch.claiming import _claim_ids

    return _claim_ids(sender, batch, uuid4())[0]


def _unlocked(sender: Any, batch: int) -> list[int]:
    """What a typical product does: count what was sent, then take that many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM conversations_message WHERE sender_id = %s AND state = 'claimed'", [sender.pk]
        )
        room = min(batch, sender.daily_cap - cursor.fetchone()[0])
        if room <= 0:
            return []
        cursor.execute(
            "UPDATE conversations_message SET state = 'claimed', claimed_at = now() WHERE id = ANY(ARRAY("
            "SELECT id FROM conversations_message WHERE sender_id = %s AND state IN ('scheduled', 'deferred')"
            " AND NOT (approved_hash = '') AND scheduled_at <= now() ORDER BY scheduled_at LIMIT %s"
            " FOR UPDATE SKIP LOCKED)) RETURNING id",
            [sender.pk, room],
        )
        return [row[0] for row in cursor.fetchall()]
