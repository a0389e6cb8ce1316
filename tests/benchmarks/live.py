"""Live sets: a changed lead, a new campaign, the shortlist, storage, frozen audiences; and how each grows."""

from __future__ import annotations

import math
import os
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from campaigns.audience import live, live_index, live_sql, shortlist
from campaigns.audience.eligibility import is_eligible
from campaigns.audience.models import LiveMatch, LiveSet
from campaigns.audience.services import freeze_audience
from campaigns.models import Campaign, Candidate
from conversations.consent.eligibility import Way
from leads import changes
from leads.segments import compiler
from leads.segments.models import SegmentVersion
from outreach.core import clock
from outreach.core.models import Actor
from tests.benchmarks import Row, _world

CAMPAIGNS = 100
"""Of the small form."""
LEADS = (10_000, 100_000, 1_000_000)
COUNTS = (10, 100, 1_000)


def run(scale: int) -> list[Row]:
    """`scale` leads and a hundred campaigns."""
    try:
        _world.fill(scale)
        _world.campaigns(CAMPAIGNS)
        return _rows(scale, CAMPAIGNS)
    finally:
        _world.empty()


def run_large(most: int) -> list[Row]:
    """The sizes up to `most` leads times ten, a hundred and a thousand campaigns; the exponents by which figures grow."""
    rows: list[Row] = []
    found: dict[tuple[str, int, int], float] = {}
    try:
        for leads in [leads for leads in LEADS if leads <= most]:
            _timed(f"{leads:,} leads made", lambda leads=leads: _world.fill(leads))  # type: ignore[misc]
            made = 0
            for count in COUNTS:
                _world.campaigns(count - made, seed=count)
                made = count
                for row in _timed(
                    f"{leads:,} × {count:,} measured", lambda leads=leads, count=count: _rows(leads, count)
                ):  # type: ignore[misc]
                    found[row.name, leads, count] = row.measured
                    row.name = f"{row.name} · {leads:,} leads, {count:,} campaigns"
                    rows.append(row)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM leads_lead")  # as autovacuum would by and by
            rows += _frozen(leads)
            rows += _segments(leads)
    finally:
        _world.empty()
    return rows + _growth(found)


def _timed(name: str, work: Callable[[], Any]) -> Any:
    """The answer of `work`; says how long it took, because all of it takes long."""
    started = time.perf_counter()
    answer = work()
    print(f"{name} in {time.perf_counter() - started:,.0f} s, load {os.getloadavg()[0]:.1f}", flush=True)
    return answer


def _growth(found: dict[tuple[str, int, int], float]) -> list[Row]:
    """How each figure grows with the leads at a hundred campaigns, and with the campaigns at most leads: x^exponent."""
    rows = []
    most = max(leads for _n, leads, _c in found)
    for name in dict.fromkeys(name for name, _l, _c in found):
        for axis, ends in (
            ("leads", [(n, found.get((name, n, CAMPAIGNS))) for n in LEADS]),
            ("campaigns", [(n, found.get((name, most, n))) for n in COUNTS]),
        ):
            known = [(n, value) for n, value in ends if value]
            if len(known) < 2:
                continue
            (n0, first), (n1, last) = known[0], known[-1]
            exponent = math.log(last / first) / math.log(n1 / n0)
            rows.append(
                Row(f"growth of “{name}” with {axis}", exponent, "exponent", 1, exponent, "≤ 1", exponent <= 1.05)
            )
    return rows


def _rows(leads: int, campaigns: int) -> list[Row]:
    first = time.perf_counter()
    live.tick()
    matched = time.perf_counter() - first
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE audience_livematch, campaigns_candidate")
    size = LiveMatch.objects.count()
    rows = [_storage(size), _changed(leads, campaigns, 1), _changed(leads, campaigns, 100)]
    rows.append(_asked(leads, campaigns))
    if leads >= 20_000:
        rows.append(_changed(leads, campaigns, 10_000))
        rows += _unchanged(campaigns, 10_000)
    rows += _new_campaign()
    rows += _shortlist()
    rows.append(
        Row("all sets matched for the first time", matched, "s", size / 1000, matched / max(size / 1000, 1), "–", True)
    )
    return rows


def _ids(leads: int, count: int, dice: random.Random) -> list[int]:
    return dice.sample(range(1, leads + 1), count)


def _change(ids: list[int], dice: random.Random) -> float:
    """Milliseconds of the UPDATE that moves these leads to other titles and records that, with its commit."""
    pool = _world.titles(400)
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_lead l SET title_key = n.title, title = n.title FROM unnest(%s::bigint[], %s::text[]) n (id, title)"
            " WHERE l.id = n.id",
            [ids, [dice.choice(pool) for _id in ids]],
        )
        changes.record(ids)
    return (time.perf_counter() - started) * 1000


def _changed(leads: int, campaigns: int, count: int) -> Row:
    dice = random.Random(f"{leads} {campaigns} {count}")  # others each time: the same change again changes nothing
    updates, drains = [], []
    live.drain()
    for turn in range({1: 40, 100: 20}.get(count, 4)):
        updates.append(_change(_ids(leads, count, dice), dice))
        started = time.perf_counter()
        live.drain()
        if turn:
            drains.append((time.perf_counter() - started) * 1000)
    took, limit = statistics.median(drains), statistics.median(updates)
    most = {1: 5.0, 100: 50.0}.get(count, 1200.0)
    target = f"≤ {most:g} ms" + (" and ≤ 1.5 × the update" if count == 10_000 else "")
    holds = took <= most and (count != 10_000 or took <= 1.5 * limit)
    return Row(f"{count:,} changed leads into all sets, p50", took, "ms", limit, took / limit, target, holds)


def _asked(leads: int, campaigns: int) -> Row:
    """A hundred leads compared with all criteria by the index, beside the criteria as SQL in one prepared statement."""
    ids = sorted(_ids(leads, 100, random.Random(1)))
    index, now = live_index.current(), clock.now()
    took = statistics.median(_times(lambda: index.evaluate(index.read(ids).rows, now), 5))
    criteria = SegmentVersion.objects.filter(campaigns__live_set__isnull=False).values_list("criteria", flat=True)
    with connection.cursor() as cursor:
        parts = []
        for written in criteria:
            predicate = compiler.compile_criteria(written)
            parts.append(f"({cursor.mogrify(predicate.sql, predicate.parameters)}) IS TRUE")
        listed = ",".join(map(str, ids))
        cursor.execute(
            f"PREPARE asked AS SELECT l.id, array_positions(ARRAY[{', '.join(parts)}], true) {live_sql.FROM} WHERE l.id IN ({listed})"
        )

        def ask() -> None:
            cursor.execute("EXECUTE asked")
            cursor.fetchall()

        limit = statistics.median(_times(ask, 5))
        cursor.execute("DEALLOCATE asked")
    name = "100 leads read and compared with all criteria, beside SQL"
    return Row(name, took, "ms", limit, took / limit, "faster than SQL", took < limit or campaigns < CAMPAIGNS)


def _unchanged(campaigns: int, count: int) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO leads_leadchange (lead_id) SELECT id FROM leads_lead ORDER BY id DESC LIMIT %s", [count]
        )
    started = time.perf_counter()
    done = live.drain()
    took = time.perf_counter() - started
    written = done.entered + done.left + done.moved + done.evicted
    speed = count * campaigns / took / 1e6
    name = f"{count:,} unchanged leads looked at"
    rows = [Row(name, took * 1000, "ms", written, written, "0 rows written", written == 0)]
    if campaigns >= 1000:
        rows.append(Row("lead × campaign evaluations", speed, "M/s", 8, speed / 8, "≥ 8 M/s", speed >= 8))
    return rows


def _new_campaign() -> list[Row]:
    """Campaigns never seen before, matched over all leads; beside one bare scan."""
    scan = statistics.median(_times(_scan, 3))
    made = _world.campaigns(30, seed=time.time_ns() % 10**9)
    begun, first, took, sizes, seq_scans = [], [], [], [], 0
    live.reconcile()
    for pk in made:
        seq_scans += _seq_scans_of(pk)
        begun.append(_ms(lambda pk=pk: live.begin(campaign_id=pk)))  # type: ignore[misc]
        first.append(LiveSet.objects.get(campaign=pk).size)
        took.append(_ms(lambda pk=pk: live.match(campaign_id=pk)))  # type: ignore[misc]
        sizes.append(LiveSet.objects.get(campaign=pk).size)
    Campaign.objects.filter(pk__in=made).update(state="archived")
    live.reconcile()
    full = [one for one, size in zip(took, sizes, strict=True) if size >= live.CAP]
    usual = [one for one, size in zip(took, sizes, strict=True) if size < live.CAP]
    shown = statistics.median([one / max(size, 1) for one, size in zip(first, sizes, strict=True)])
    most = "≤ 250 ms, no Seq Scan"
    p50, p95 = statistics.median(begun), statistics.quantiles(begun, n=20)[-1]
    rows = [
        Row("a new campaign, its best leads, p50", p50, "ms", scan, p50 / scan, "–", True),
        Row("a new campaign, its best leads, p95", p95, "ms", scan, p95 / scan, most, p95 <= 250 and not seq_scans),
        Row("leads that these are, p50 (beside: the whole set)", statistics.median(first), "leads",
            statistics.median(sizes), shown, "–", True),
    ]  # fmt: skip
    if len(usual) > 1:
        p50, p95 = statistics.median(usual), statistics.quantiles(usual, n=20)[-1]
        rows += [
            Row("a new campaign as a whole, p50", p50, "ms", scan, p50 / scan, "–", True),
            Row("a new campaign as a whole, p95", p95, "ms", scan, p95 / scan, most, p95 <= 250 and not seq_scans),
        ]
    if len(full) > 1:
        p50 = statistics.median(full)
        rows.append(
            Row("the best 20,000 of a broad campaign, p50", p50, "ms", scan, p50 / scan, "≤ 600 ms", p50 <= 600)
        )
    return rows


def _ms(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _seq_scans_of(campaign_id: int) -> int:
    """How many scans of big tables are in the plans of this campaign's set."""
    row = LiveSet.objects.select_related("segment_version").get(campaign=campaign_id)
    eligible = is_eligible("'email'", ways={Way.LEAD, Way.ADDRESS})
    given = {"live_campaign": campaign_id, "live_limit": live.CAP, "live_walk": live.WALK}
    plans = ""
    with transaction.atomic(), connection.cursor() as cursor:
        live.hold()
        for is_broad, is_walk in ((False, False), (True, False), (False, True)):
            predicate = live._predicate(row, is_listing=not is_walk)
            statement = live_sql.match(predicate.sql, eligible, is_broad=is_broad, is_walk=is_walk)
            cursor.execute(f"EXPLAIN {statement}", {**predicate.parameters, **given})
            plans += "\n".join(row[0] for row in cursor.fetchall())
    return sum(f"Seq Scan on {table}" in plans for table in ("leads_lead", "leads_company", "leads_identity"))


def _scan() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0; SET enable_indexonlyscan = off; SET enable_indexscan = off; SET enable_bitmapscan = off")  # fmt: skip
        cursor.execute("SELECT count(*) FROM leads_lead WHERE erased_at IS NULL AND title_key LIKE '%no such%'")
        cursor.execute("RESET max_parallel_workers_per_gather; RESET enable_indexonlyscan; RESET enable_indexscan; RESET enable_bitmapscan")  # fmt: skip


def _times(work: Callable[[], Any], times: int) -> list[float]:
    work()
    taken = []
    for _round in range(times):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _shortlist() -> list[Row]:
    largest = LiveSet.objects.order_by("-size").select_related("campaign")[0]

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rank_key FROM audience_livematch WHERE campaign_id = %s ORDER BY rank_key DESC, lead_id DESC LIMIT 500",
                [largest.campaign_id],
            )
            cursor.fetchall()

    limit = statistics.median(_times(bare, 20))
    peeks = _times(lambda: shortlist.peek(campaign=largest.campaign, limit=500), 60)
    p95 = statistics.quantiles(peeks, n=20)[-1]
    started = time.perf_counter()
    taken = len(shortlist.top(campaign=largest.campaign, limit=500))
    took = (time.perf_counter() - started) * 1000
    Candidate.objects.filter(campaign=largest.campaign).delete()
    live.match(campaign_id=largest.campaign_id)
    return [
        Row("shortlist of 500, p95", p95, "ms", limit, p95 / limit, "≤ 5 ms", p95 <= 5),
        Row(f"500 taken as candidates ({taken})", took, "ms", limit, took / limit, "–", True),
    ]


def _storage(size: int) -> Row:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('audience_livematch')")
        stored = cursor.fetchone()[0]
    each = stored / max(size, 1)
    return Row("a stored match", each, "bytes", 140, each / 140, "≤ 140 bytes: 1,000 × 20,000 ≤ 2.8 GB", each <= 140)


def _frozen(leads: int) -> list[Row]:
    """Audiences frozen in one statement, beside inserting the same rows and nothing else."""
    everybody = {"all": [{"field": "lead.created_at", "operator": "after", "value": "2001-01-01"}]}
    few = {"all": [{"field": "lead.country", "operator": "in", "value": ["PL"]}, {"field": "lead.tags", "operator": "has_any_tag", "value": ["tag0", "tag1"]}]}  # fmt: skip
    rows = []
    for name, written in (("about 1 % of the leads", few), ("all leads", everybody)):
        (pk,) = _world.campaigns(1, mode="once", seed=time.time_ns() % 10**9)
        version = Campaign.objects.get(pk=pk).segment_version
        SegmentVersion.objects.filter(pk=version.pk).update(criteria=written)
        campaign = Campaign.objects.get(pk=pk)
        started = time.perf_counter()
        audience = freeze_audience(campaign=campaign, actor=Actor.system("bench"))
        took = time.perf_counter() - started
        Candidate.objects.filter(campaign=campaign).delete()
        each = took / max(audience.added, 1) * 10_000 * 1000
        most = 150 if name != "all leads" else 600
        rows.append(
            Row(f"freeze {audience.added:,} of {leads:,} ({name})", took * 1000, "ms", each, each / most,
                f"≤ {most} ms for each 10,000", each <= most or took < 0.15)
        )  # fmt: skip
    return rows


def _segments(leads: int) -> list[Row]:
    """Preview and count over the same people."""
    from tests.benchmarks import segments

    scan = segments._scan()
    rare = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["security officer"]}, {"field": "lead.country", "operator": "in", "value": ["FI"]}]}  # fmt: skip
    words = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["CTO", "it director"]}]}
    broad = {"all": [{"field": "lead.country", "operator": "in", "value": ["US", "DE"]}]}
    rested = {"all": [words["all"][0], {"field": "lead.last_contacted_at", "operator": "not_within_days", "value": 60},
                      {"field": "company.industry", "operator": "any_of", "value": ["fintech"]}]}  # fmt: skip
    from leads.segments import selectors

    rows = [
        segments._row("preview, words and a rest", lambda: selectors.preview(rested, 20), scan, 50),
        segments._row("preview, a rare title in one country", lambda: selectors.preview(rare, 20), scan, 50),
        segments._row("count, words in the title", lambda: selectors.count(words, None), scan, 100),
        segments._row("count, words, industry and a rest", lambda: selectors.count(rested, None), scan, 100),
        segments._row("count, a rare title in one country", lambda: selectors.count(rare, None), scan, 100),
        segments._row("count up to the cap, two countries", lambda: selectors.count(broad), scan, 10),
    ]
    for row in rows:
        row.name = f"{row.name} · {leads:,} leads"
    return rows
