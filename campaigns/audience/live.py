# ruff: noqa: S608  (made of the registry's columns and this room's own texts; values are parameters)
"""Live sets kept up: changed leads against all live campaigns, new criteria against all leads, windows that pass.

Whoever writes a set holds `LOCK`. A change of a lead stands in the feed from the same transaction on, so whoever
takes it out of the feed under the lock sees the lead as it was committed; with that, order never matters, and a
process that dies leaves the feed as it was.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from campaigns.audience import live_index, live_sql
from campaigns.audience.eligibility import is_eligible
from campaigns.audience.live_index import fetch
from campaigns.audience.models import LiveFeed, LiveMatch, LiveSet
from campaigns.audience.services import gone_reason
from campaigns.journey.leaving import exclude
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign, Candidate
from conversations.consent.eligibility import ways_in_use
from leads.models import LeadChange
from leads.segments.compiler import Predicate, compile_criteria
from leads.segments.models import SegmentVersion
from leads.segments.selectors import matching, titles_that_fit
from outreach.core import audit, clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.services import enqueue

LOCK = 0x6C697665
"""Advisory lock of everything that writes live sets; "live" in ASCII."""
CAP = 20_000
"""Leads kept a campaign: a year of the largest daily quota, and what keeps a thousand campaigns below 3 GB."""
SLACK = 2_000
"""How far a set may grow beyond the cap before it is trimmed."""
LOW = CAP // 2
"""A set with a floor that shrinks below this is matched again."""
BATCH = 10_000
"""Changes taken from the feed at once."""
MATCH_SECONDS = 30.0
"""How long sets are matched before changed leads get their turn, and after it; the rest follows at the next look."""
WALK = 5_000
"""The best leads, among which a new set finds its first: what a person waits for."""
GLANCE = 2_000
"""The best leads, by which it is judged how broad criteria are."""
BROAD = 1 / 3
"""From this share of matches on, the best are met soon in the order of the rank."""
WALK_FROM = 200_000
"""Below so many leads a set is matched as a whole as soon as its best would be found."""
LISTED = 1_000
"""Titles that are listed for the planner; more are hashed, for judging each costs it more than it finds."""
SCOPES = ("new", "all")
_UNMATCHED = {"needs_match": True, "floor_rank": None, "floor_lead": None, "matched_at": None}


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


def hold() -> None:
    """Take the lock until the end of the transaction, in which no table is read whole.

    Left to itself the planner reads all companies for a batch of leads; over a million leads that is no faster.
    """
    fetch("SELECT pg_advisory_xact_lock(%(lock)s), set_config('enable_seqscan', 'off', true)", {"lock": LOCK})


def feed() -> LiveFeed:
    """The one row, made when it is missing."""
    row, _made = LiveFeed.objects.get_or_create(pk=1, defaults={"swept_at": clock.now()})
    return row


def tick() -> Drained:
    """Everything that is due: sets of campaigns that became live or changed, windows that passed, changed leads."""
    reconcile()
    match_due()
    sweep()
    return drain()


def match_due(*, seconds: float = MATCH_SECONDS) -> None:
    """Match the sets that need it, those that never were first, each in a transaction of its own, until the time is up."""
    deadline = time.monotonic() + seconds
    due = LiveSet.objects.filter(needs_match=True).order_by(F("matched_at").asc(nulls_first=True), "pk")
    for campaign_id in due.values_list("campaign_id", flat=True):
        match(campaign_id=campaign_id)
        if time.monotonic() > deadline:
            return


def reconcile() -> int:
    """Create sets for live campaigns and delete those of others; returns how many changed.

    A campaign is live while it is daily and ready, sending or paused. Cheap: one query that joins campaigns to sets.
    """
    states = {"states": list(CAMPAIGN.matching)}
    if not fetch(live_sql.OUT_OF_STEP, states):
        return 0
    with transaction.atomic():
        hold()
        rows = fetch(live_sql.OUT_OF_STEP, states)
        over = [campaign for campaign, version, _channel in rows if version is None]
        if over:
            LiveMatch.objects.filter(campaign_id__in=over).delete()
            LiveSet.objects.filter(campaign_id__in=over).delete()
        for campaign, version, channel in rows:
            if version is not None:
                LiveSet.objects.update_or_create(
                    campaign_id=campaign,
                    defaults={"segment_version_id": version, "channel": channel, **_UNMATCHED},
                )
        _new_edition()
    return len(rows)


def _new_edition() -> None:
    """Drawn, not counted: an edition that was rolled back must never be taken for the next one."""
    LiveFeed.objects.filter(pk=feed().pk).update(edition=secrets.randbits(62))


def ensure(*, campaign: Campaign, least: int = 0) -> LiveSet | None:
    """The campaign's set with its best leads in it: `least` of them or all there are; None for a campaign not live.

    A set that was not matched yet gets its first leads now and is matched as a whole soon.
    """
    row = LiveSet.objects.filter(campaign=campaign).first()
    if row is None or row.is_unmatched:
        if campaign.mode != Campaign.Mode.DAILY or not campaign.is_matching:
            return None
        reconcile()
        begin(campaign_id=campaign.pk)
        row = LiveSet.objects.filter(campaign=campaign).first()
    if row is not None and row.needs_match and row.size < least:
        match(campaign_id=campaign.pk)
        row.refresh_from_db()
    return row


def begin(*, campaign_id: int) -> Drained:
    """Put the best leads into a campaign's set, as many as a person waits for; the rest follows at the next look."""
    with transaction.atomic():
        hold()
        row = _locked(campaign_id)
        if row is None or not row.is_unmatched:
            return Drained()
        ((leads_about,),) = fetch("SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'leads_lead'::regclass")
        done = _fill(row, is_walk=leads_about >= WALK_FROM)
        if LiveSet.objects.filter(pk=row.pk, needs_match=True).exists():
            wake()
    return done


def match(*, campaign_id: int) -> Drained:
    """Match one live campaign against all leads: the best `CAP` by rank."""
    with transaction.atomic():
        hold()
        row = _locked(campaign_id)
        return _fill(row) if row is not None else Drained()


def _locked(campaign_id: int) -> LiveSet | None:
    rows = LiveSet.objects.select_related("segment_version").select_for_update(of=("self",))
    return rows.filter(campaign_id=campaign_id).first()


def _fill(row: LiveSet, *, is_walk: bool = False) -> Drained:
    """The best `CAP` of all leads that match; or (`is_walk`) those among the best `WALK` leads.

    Either way the set is exact above its floor after it. A set without a floor is whole.
    """
    started = time.perf_counter()
    predicate = _predicate(row, is_listing=not is_walk)
    eligible = is_eligible(f"'{row.channel}'", ways=ways_in_use())
    given = {"live_campaign": row.campaign_id, "live_limit": CAP, "live_walk": WALK}
    is_broad = not is_walk and _is_broad(row)
    statement = live_sql.match(predicate.sql, eligible, is_broad=is_broad, is_walk=is_walk)
    ((entered, left, moved, size, *last),) = fetch(statement, {**predicate.parameters, **given})
    floor = [tuple(last)] if size >= CAP else fetch(live_sql.WALKED_TO, {"walk": WALK}) if is_walk else []
    rank, lead = floor[0] if floor else (None, None)
    is_whole = not is_walk or not floor
    done = Drained(0, entered, left, moved, _evict(row, eligible))
    LiveSet.objects.filter(pk=row.pk).update(
        size=size,
        floor_rank=rank,
        floor_lead=lead,
        entered_count=F("entered_count") + entered,
        left_count=F("left_count") + left,
        evicted_count=F("evicted_count") + done.evicted,
        needs_match=not is_whole,
        matched_at=clock.now() if is_whole else None,
        match_ms=round((time.perf_counter() - started) * 1000) if is_whole else F("match_ms"),
    )
    _new_edition()
    return done


def _predicate(row: LiveSet, *, is_listing: bool) -> Predicate:
    """The criteria as SQL; listing matching titles pays off when all leads are searched, not for given ones."""
    return compile_criteria(
        row.segment_version.criteria,
        now=clock.now(),
        titles=titles_that_fit if is_listing else None,
        listed=LISTED if is_listing else None,
    )


def _is_broad(row: LiveSet) -> bool:
    predicate = _predicate(row, is_listing=False)
    ((count,),) = fetch(live_sql.share(predicate.sql), {**predicate.parameters, "live_walk": GLANCE})
    return bool(count > GLANCE * BROAD)


def _evict(row: LiveSet, eligible: str) -> int:
    predicate = _predicate(row, is_listing=False)
    given: dict[str, Any] = {
        "live_campaign": row.campaign_id,
        "live_keeps": row.keeps_candidates_to,
        "live_now": clock.now(),
        "live_gone": gone_reason(),
    }
    with connection.cursor() as cursor:
        cursor.execute(live_sql.evict(predicate.sql, eligible), {**predicate.parameters, **given})
        return int(cursor.rowcount)


def drain(*, limit: int | None = None) -> Drained:
    """Process all leads in the feed in batches, one transaction each; unchanged leads write nothing."""
    total, is_any_low = Drained(), False
    while limit is None or total.leads < limit:
        with transaction.atomic():
            hold()
            taken = [lead for (lead,) in fetch(live_sql.TAKE, {"batch": BATCH})]
            if taken:
                done, is_low = _look_at(sorted(set(taken)))
                total.add(done)
                is_any_low |= is_low
        if len(taken) < BATCH:
            break
    if is_any_low:
        match_due()
    return total


def _look_at(ids: list[int]) -> tuple[Drained, bool]:
    """Put these leads into the sets where they belong and out of all others; returns whether a set must be matched now.

    Within a transaction that holds `LOCK`.
    """
    index, now = live_index.current(), clock.now()
    if not len(index.campaigns):
        return Drained(len(ids)), False
    diff = index.compare(index.read(ids), now)
    if diff.is_empty:
        return Drained(len(ids)), False
    (written,) = fetch(
        live_sql.APPLY,
        {
            "put_campaign": diff.put[0], "put_lead": diff.put[1], "put_rank": diff.put[2],
            "left_campaign": diff.left[0], "left_lead": diff.left[1], "evict": diff.evicted,
            "now": now, "gone": gone_reason(), "low": LOW, "most": CAP + SLACK,
        },
    )  # fmt: skip
    *counts, overfull, low = written
    if overfull:
        with connection.cursor() as cursor:
            cursor.execute(live_sql.TRIM, {"cap": CAP, "most": CAP + SLACK})
        _new_edition()
    return Drained(len(ids), *counts), low > 0


def sweep() -> int:
    """Add leads whose time window has passed since the last sweep to the feed, by index; returns how many."""
    with transaction.atomic():
        hold()
        row, now = feed(), clock.now()
        windows = live_index.current().windows
        since, until = min(row.swept_at, now), max(row.swept_at, now)
        count = 0
        if windows and since < until:
            parts, parameters = [], []
            for column, days in windows:
                parts.append(f"SELECT l.id FROM leads_lead l WHERE {column} >= %s AND {column} <= %s")
                parameters += [since - timedelta(days=days), until - timedelta(days=days)]
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO leads_leadchange (lead_id) {' UNION '.join(parts)}", parameters)
                count = cursor.rowcount
        LiveFeed.objects.filter(pk=row.pk).update(swept_at=now)
    return count


def change_criteria(
    *, campaign: Campaign, segment_version: SegmentVersion, scope: str, actor: Actor
) -> Campaign:  # fmt: skip
    """Match a live campaign by other criteria.

    `new`: candidates that it has stay, only those to come are matched by the new criteria. `all`: candidates that no
    longer match and have no draft are taken out, and those with a draft that was not sent are excluded with it.
    Raises `Invalid` for another scope and `Refused` for a campaign that is not live.
    """
    if scope not in SCOPES:
        raise Invalid("scope", _("Choose “new” to match new leads only, or “all”."), code="scope_unknown")
    with transaction.atomic():
        hold()
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if locked.mode != Campaign.Mode.DAILY or not locked.is_matching:
            raise Refused(_("Only a daily campaign that is ready, sending or paused has a live set."), code="not_live")
        newest = Candidate.objects.filter(campaign=locked).order_by("-pk").values_list("pk", flat=True).first()
        keeps = (newest or 0) if scope == "new" else 0
        Campaign.objects.filter(pk=locked.pk).update(segment_version=segment_version, updated_at=clock.now())
        reconcile()
        LiveSet.objects.filter(campaign=locked).update(keeps_candidates_to=keeps, **_UNMATCHED)
        audit.record(
            "campaign.criteria_changed",
            subject=locked,
            actor=actor,
            data={"segment_version": segment_version.pk, "scope": scope},
        )
        begin(campaign_id=locked.pk)
        if scope == "all":
            for candidate in _unsent_outside(locked, segment_version):
                exclude(candidate=candidate, actor=actor, reason=gone_reason())
    campaign.refresh_from_db()
    return campaign


def _unsent_outside(campaign: Campaign, version: SegmentVersion) -> list[Candidate]:
    """Candidates with drafts, not written to yet, whose leads the criteria no longer hold for."""
    waiting = {
        c.lead_id: c
        for c in Candidate.objects.filter(campaign=campaign, stage__in=CANDIDATE.written).select_related("lead")
    }
    if not waiting:
        return []
    staying = matching(version.criteria, list(waiting))
    return [candidate for lead_id, candidate in waiting.items() if lead_id not in staying]


def wake() -> None:
    """Process the feed soon: one queue item, however often requested."""
    enqueue("campaigns.audience.tasks.keep_live_sets", key="live-sets")


def backlog() -> int:
    """Changes that wait in the feed, counted to ten thousand."""
    return LeadChange.objects.values("pk").order_by()[:10_000].count()


@dataclass(frozen=True)
class Standing:
    """A live campaign's set for pages: `is_full` when more leads match than are kept."""

    live_set: LiveSet
    waiting: int
    is_full: bool
    newer: SegmentVersion | None
    """A newer version of the campaign's segment."""


def standing(campaign: Campaign) -> Standing | None:
    """The live set for the campaign's page; None for a campaign without one."""
    row = LiveSet.objects.select_related("segment_version__segment").filter(campaign=campaign).first()
    if row is None:
        return None
    newest = SegmentVersion.objects.filter(segment=row.segment_version.segment_id).order_by("-number").first()
    newer = newest if newest is not None and newest.number > row.segment_version.number else None
    return Standing(row, row.size, row.floor_rank is not None, newer)
