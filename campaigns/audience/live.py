# ruff: noqa: S608  (made of the registry's columns and this room's own texts; values are parameters)
"""Live sets kept up: changed leads against all live campaigns, new criteria against all leads, windows that pass.

Whoever writes a set holds `LOCK`. A change of a lead stands in the feed from the same transaction on, so whoever
takes it out of the feed under the lock sees the lead as it was committed; with that, order never matters, and a
process that dies leaves the feed as it was.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from campaigns.audience import live_fill, live_index, live_reading, live_sql
from campaigns.audience.live_fill import Drained, gone_reason
from campaigns.audience.models import LiveFeed, LiveSet
from campaigns.models import Campaign, Candidate
from leads.segments.models import LeadChange, SegmentVersion
from outreach.core import audit, clock, statements
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.jobs.services import enqueue

LOCK = 0x6C697665
"""Advisory lock of everything that writes live sets; "live" in ASCII."""
_HOLD = """
SELECT pg_advisory_xact_lock(%(lock)s), set_config('enable_seqscan', 'off', true),
    set_config('enable_hashjoin', %(join)s, true), set_config('enable_mergejoin', %(join)s, true)
"""
LIVE_STATES = ("ready", "sending", "paused")
CAP = 20_000
"""Leads kept a campaign: a year of the largest daily quota, and what keeps a thousand campaigns below 3 GB."""
SLACK = 2_000
"""How far a set may grow beyond the cap before it is trimmed."""
LOW = CAP // 2
"""A set with a floor that shrinks below this is matched anew."""
BATCH = 10_000
"""Changes taken from the feed at once."""
FEW = 200
"""Changes that are taken out and read by one statement: a person who has changed one lead waits for no more."""
MANY = 30
"""From this many empty sets on one walk over all leads fills them sooner than a statement each."""
WALK_FROM = 200_000
"""Below so many leads a set is matched as a whole as soon as its best would be found."""
SCOPES = ("new", "all")
_UNMATCHED = {"needs_match": True, "floor_rank": None, "floor_lead": None, "matched_at": None}


def hold(*, by_rows: bool = False) -> None:
    """Take the lock until the end of the transaction, in which tables are read by index only.

    What a planner takes for a cheap scan of companies today grows with every import. `by_rows`: for a handful of leads
    nothing is joined but row by row, whatever statistics say of a queue that is never the same twice.
    """
    join = "off" if by_rows else "on"
    statements.fetch_all(_HOLD, {"lock": LOCK, "join": join})


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


def match_due() -> None:
    """Match every set that waits for it; many that are empty in one walk."""
    empty = LiveSet.objects.filter(needs_match=True, size=0, matched_at=None)
    if empty[MANY - 1 : MANY].exists():
        with transaction.atomic():
            hold()
            live_fill.many(list(empty.select_related("segment_version").select_for_update(of=("self",))), cap=CAP)
            _new_edition()
    for campaign_id in LiveSet.objects.filter(needs_match=True).values_list("campaign_id", flat=True):
        match(campaign_id=campaign_id)


def reconcile() -> int:
    """Give every campaign that is live now its set, take away those of others; how many changed.

    A campaign is live while it is daily and ready, sending or paused. Cheap: one query that joins campaigns to sets.
    """
    with connection.cursor() as cursor:
        cursor.execute(live_sql.OUT_OF_STEP, {"states": list(LIVE_STATES)})
        if not cursor.fetchall():
            return 0
    with transaction.atomic():
        hold()
        with connection.cursor() as cursor:
            cursor.execute(live_sql.OUT_OF_STEP, {"states": list(LIVE_STATES)})
            rows = cursor.fetchall()
        over = [campaign for campaign, version, _channel in rows if version is None]
        if over:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM audience_livematch WHERE campaign_id = ANY(%s)", [over])
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
        if campaign.mode != Campaign.Mode.DAILY or campaign.state not in LIVE_STATES:
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
        fill = live_fill.first if live_reading.leads_about() >= WALK_FROM else live_fill.whole
        done = fill(row, cap=CAP)
        _new_edition()
        if LiveSet.objects.filter(pk=row.pk, needs_match=True).exists():
            wake()
    return done


def match(*, campaign_id: int) -> Drained:
    """Match one live campaign against all leads: the best `CAP` by rank."""
    with transaction.atomic():
        hold()
        row = _locked(campaign_id)
        if row is None:
            return Drained()
        done = live_fill.whole(row, cap=CAP)
        _new_edition()
    return done


def _locked(campaign_id: int) -> LiveSet | None:
    rows = LiveSet.objects.select_related("segment_version").select_for_update(of=("self",))
    return rows.filter(campaign_id=campaign_id).first()


def drain(*, limit: int | None = None) -> Drained:
    """Look at all leads in the feed, batch by batch, each batch a transaction; what is unchanged writes nothing."""
    total, batch, is_any_low = Drained(), FEW, False
    while limit is None or total.leads < limit:
        with transaction.atomic():
            hold(by_rows=batch == FEW)
            index, leads, count = _take(batch)
            if leads.ids:
                done, is_low = _look_at(index, leads)
                total.add(done)
                is_any_low |= is_low
        if count < batch:
            break
        batch = BATCH
    if is_any_low:
        match_due()
    return total


def _take(batch: int) -> tuple[live_index.LiveIndex, live_reading.Leads, int]:
    """Changes out of the feed: the index in force, their leads, and how many changes they were."""
    index = live_index.latest() if batch == FEW else live_index.current()
    if index is not None and batch == FEW:
        taken = live_reading.take_few(index.columns, index.channels, batch)
        if taken.edition in (None, index.edition):
            return index, taken.leads, taken.count
        count, ids = taken.count, taken.leads.ids
    else:
        with connection.cursor() as cursor:
            cursor.execute(live_sql.TAKE, {"batch": batch})
            rows = cursor.fetchall()
        count, ids = len(rows), sorted({row[0] for row in rows})
    index = live_index.current()
    return index, live_reading.of(ids, index.columns, index.channels), count


def _look_at(index: live_index.LiveIndex, leads: live_reading.Leads) -> tuple[Drained, bool]:
    """Bring these leads into the sets where they belong and out of all others; whether a set is to be matched now.

    Within a transaction that holds `LOCK`.
    """
    done = Drained(leads=len(leads.ids))
    if not index.sets:
        return done, False
    diff = live_index.compare(index, leads, clock.now())
    if diff.is_empty:
        return done, False
    done.entered, done.left, done.moved = len(diff.entered[0]), len(diff.left[0]), len(diff.moved[0])
    ((overfull, low, done.evicted),) = statements.fetch_all(
        live_sql.APPLY,
        {
            "left_campaign": diff.left[0], "left_lead": diff.left[1],
            "put_campaign": diff.entered[0] + diff.moved[0], "put_lead": diff.entered[1] + diff.moved[1],
            "put_rank": diff.entered[2] + diff.moved[2],
            "evict": diff.evicted, "now": clock.now(), "gone": gone_reason(),
            "count_campaign": diff.counts[0], "count_entered": diff.counts[1], "count_left": diff.counts[2],
            "low": LOW, "most": CAP + SLACK,
        },
    )  # fmt: skip
    if overfull:
        with connection.cursor() as cursor:
            cursor.execute(live_sql.TRIM, {"cap": CAP, "most": CAP + SLACK})
        _new_edition()
    return done, low > 0


def sweep() -> int:
    """Put leads whose window of days has passed since the last sweep into the feed; how many. By index."""
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
                cursor.execute(f"INSERT INTO segments_leadchange (lead_id) {' UNION '.join(parts)}", parameters)
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
    from campaigns.audience.services import exclude

    if scope not in SCOPES:
        raise Invalid("scope", _("Say whether “new” leads only or “all” are matched by it."), code="scope_unknown")
    with transaction.atomic():
        hold()
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if locked.mode != Campaign.Mode.DAILY or locked.state not in LIVE_STATES:
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
    from leads.segments.selectors import matching

    waiting = {
        c.lead_id: c
        for c in Candidate.objects.filter(campaign=campaign, stage__in=("drafted", "approved")).select_related("lead")
    }
    if not waiting:
        return []
    staying = matching(version.criteria, list(waiting))
    return [candidate for lead_id, candidate in waiting.items() if lead_id not in staying]


def wake() -> None:
    """Look at the feed soon: one queue item however often it is asked for."""
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
    """What the campaign's page says about its live set; None for a campaign without one."""
    row = LiveSet.objects.select_related("segment_version__segment").filter(campaign=campaign).first()
    if row is None:
        return None
    newest = SegmentVersion.objects.filter(segment=row.segment_version.segment_id).order_by("-number").first()
    newer = newest if newest is not None and newest.number > row.segment_version.number else None
    return Standing(row, row.size, row.floor_rank is not None, newer)
