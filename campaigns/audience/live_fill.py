"""How a live set is filled: the best few at once, everybody up to the cap in one statement, many sets in one walk.

All leave the set exact above its floor. Whoever calls holds the lock of live sets.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from campaigns.audience import live_index, live_reading, live_sql
from campaigns.audience.eligibility import is_eligible
from campaigns.audience.models import LiveSet
from conversations.consent.eligibility import ways_in_use
from leads.segments import compiler
from leads.segments.ranking import ORDER, RANK
from leads.segments.selectors import titles_that_fit
from outreach.core import clock

FIRST = 1_000
"""Enough to begin with: as many as a day of a campaign looks at."""
CHUNK = 2_000
"""Leads that are looked at between two glances at the clock."""
BROAD = 1 / 3
"""From this share of matches among the best leads on, the best 20,000 are found by walking to them."""
LISTED = 1_000
"""Titles that are listed for the planner; more are hashed, for judging each costs it more than it finds."""
PATIENCE_SECONDS = 0.1
"""How long a person waits for the first of a set; what it holds by then is the best of all leads looked at."""
WALKED_AT_ONCE = 10_000
"""Leads compared with many sets at once."""
_ABOVE_ALL = (2**31 - 1, 2**63 - 1)


@dataclass
class Drained:
    """What one run did: leads looked at, rows that came into and went out of sets, candidates taken out."""

    leads: int = 0
    entered: int = 0
    left: int = 0
    moved: int = 0
    evicted: int = 0

    def add(self, other: Drained) -> None:
        for name in ("leads", "entered", "left", "moved", "evicted"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def gone_reason() -> str:
    return _("No longer in the segment, or not to be written to.")


def first(row: LiveSet, *, cap: int) -> Drained:
    """The best of the set: leads are walked in the order of their rank until enough match or patience ends.

    The floor is the last lead that was looked at. A set without a floor after it is whole; any other is to be matched.
    """
    started, direct, eligible = time.perf_counter(), _predicate(row, is_listing=False), _eligible(row)
    found: list[tuple[int, int]] = []
    below, is_whole = _ABOVE_ALL, False
    statement = live_sql.walk(direct.sql, eligible)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                statement,
                {
                    **direct.parameters, "live_campaign": row.campaign_id, "live_chunk": CHUNK,
                    "live_rank": below[0], "live_lead": below[1],
                },
            )  # fmt: skip
            ids, ranks, looked, *last = cursor.fetchone()
            found += zip(ranks, ids, strict=True)
            is_whole = looked < CHUNK
            if is_whole:
                break
            below = (last[0], last[1])
            if len(found) >= FIRST or time.perf_counter() - started > PATIENCE_SECONDS:
                break
        floor = None if is_whole else below
        if len(found) > cap:
            found = sorted(found, reverse=True)[:cap]
            floor = found[-1]
        cursor.execute(
            live_sql.REPLACE,
            {
                "live_campaign": row.campaign_id,
                "live_ranks": [rank for rank, _lead in found], "live_leads": [lead for _rank, lead in found],
            },
        )  # fmt: skip
        done = Drained(0, *cursor.fetchone())
    done.evicted = _evict(row, direct, eligible)
    _note(row, len(found), floor, done, started, is_whole=is_whole)
    return done


def whole(row: LiveSet, *, cap: int) -> Drained:
    """The best `cap` by rank of all leads that match, by index, in one statement."""
    started, done = time.perf_counter(), Drained()
    listing, direct, eligible = _predicate(row), _predicate(row, is_listing=False), _eligible(row)
    with connection.cursor() as cursor:
        cursor.execute(live_sql.share(direct.sql), {**direct.parameters, "live_chunk": CHUNK})
        is_broad = cursor.fetchone()[0] > CHUNK * BROAD
    statement, reach = live_sql.match(listing.sql, eligible, is_broad=is_broad), cap + cap // 4
    parameters = {**listing.parameters, "live_campaign": row.campaign_id, "live_limit": cap + 1}
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, {**parameters, "live_reach": reach})
            entered, left, moved, found, floor_rank, floor_lead, matching = cursor.fetchone()
            done.add(Drained(0, entered, left, moved))
            if found > cap or matching < reach:
                break
            reach *= 4  # too many of the best cannot be written to
        if found > cap:
            cursor.execute(live_sql.TRIM_ONE, {"campaign": row.campaign_id, "rank": floor_rank, "lead": floor_lead})
    done.evicted = _evict(row, direct, eligible)
    floor = (floor_rank, floor_lead) if found > cap else None
    _note(row, min(found, cap), floor, done, started, is_whole=True)
    return done


def many(rows: list[LiveSet], *, cap: int) -> Drained:
    """Empty sets filled in one walk over all leads, best first, by an index over their criteria."""
    import numpy as np

    started, now, done = time.perf_counter(), clock.now(), Drained()
    index = live_index.build(edition=0, only=[row.campaign_id for row in rows])
    size = np.zeros(len(index.sets), dtype=np.int64)
    is_full = np.zeros(len(index.sets), dtype=bool)
    last = np.zeros((2, len(index.sets)), dtype=np.int64)
    taken = _taken(index)
    page, below = f"({RANK}, l.id) < (%(rank)s, %(lead)s) ORDER BY {ORDER} LIMIT {WALKED_AT_ONCE}", _ABOVE_ALL
    while not is_full.all():
        read = live_reading.read(index.columns, index.channels, page, {"rank": below[0], "lead": below[1]})
        if not read:
            break
        leads, ranks, met = live_index.evaluate(index, read, now)
        met[is_full] = False
        for place, lead in enumerate(leads.tolist()):
            met[taken.get(lead, []), place] = False
        is_over = met.sum(axis=1) > cap - size
        met[is_over] &= np.cumsum(met[is_over], axis=1) <= (cap - size[is_over])[:, None]
        at_set, at_lead = np.nonzero(met)
        live_reading.append(index.campaigns[at_set], leads[at_lead], ranks[at_lead])
        size += np.bincount(at_set, minlength=len(size))
        last[:, at_set] = ranks[at_lead], leads[at_lead]  # of several the one that comes last, the lowest
        is_full |= is_over
        below = int(ranks[-1]), int(leads[-1])
        done.leads += len(read)
    place_of = index.row_of
    for row in rows:
        place = place_of[row.campaign_id]
        floor = (int(last[0, place]), int(last[1, place])) if is_full[place] else None
        one = Drained(entered=int(size[place]))
        one.evicted = _evict(row, _predicate(row, is_listing=False), _eligible(row))
        _note(row, one.entered, floor, one, started, is_whole=True)
        done.add(one)
    return done


def _taken(index: live_index.LiveIndex) -> dict[int, list[int]]:
    """Of each lead that is a candidate, in which sets it must not be."""
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lead_id, campaign_id FROM campaigns_candidate WHERE campaign_id = ANY(%s) AND stage <> 'evicted'",
            [index.campaigns.tolist()],
        )
        for lead, campaign in cursor.fetchall():
            found.setdefault(lead, []).append(index.row_of[campaign])
    return found


def _predicate(row: LiveSet, *, is_listing: bool = True) -> compiler.Predicate:
    """The criteria as SQL; listing the titles that fit pays when all leads are looked for, not for those at hand."""
    titles = titles_that_fit if is_listing else None
    return compiler.compile_criteria(
        row.segment_version.criteria, now=clock.now(), titles=titles, listed=LISTED if is_listing else None
    )


def _eligible(row: LiveSet) -> str:
    return is_eligible(f"'{row.channel}'", ways=ways_in_use())


def _evict(row: LiveSet, direct: compiler.Predicate, eligible: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            live_sql.evict(direct.sql, eligible),
            {
                **direct.parameters, "live_campaign": row.campaign_id, "live_keeps": row.keeps_candidates_to,
                "live_now": clock.now(), "live_gone": gone_reason(),
            },
        )  # fmt: skip
        return int(cursor.rowcount)


def _note(
    row: LiveSet, size: int, floor: tuple[int, int] | None, done: Drained, started: float, *, is_whole: bool
) -> None:  # fmt: skip
    """Write down how the set stands now."""
    LiveSet.objects.filter(pk=row.pk).update(
        size=size,
        floor_rank=floor[0] if floor else None,
        floor_lead=floor[1] if floor else None,
        entered_count=F("entered_count") + done.entered,
        left_count=F("left_count") + done.left,
        evicted_count=F("evicted_count") + done.evicted,
        needs_match=not is_whole,
        **(
            {"matched_at": clock.now(), "match_ms": round((time.perf_counter() - started) * 1000)}
            if is_whole
            else {"matched_at": None}
        ),
    )
