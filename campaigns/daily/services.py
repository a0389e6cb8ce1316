"""One day of a daily campaign: take the best of the live set, qualify, draft, and start as many as senders allow.

A run is repeatable at any moment: it looks at what the day already brought and does what is missing. Follow-ups keep
their place: the room for new leads is what the senders' day has left after them.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction

from campaigns.audience import discovery, shortlist
from campaigns.audience import services as candidates
from campaigns.drafts import generation
from campaigns.journey import advancing, bulk
from campaigns.journey.openings import room
from campaigns.models import CANDIDATE, Campaign, Candidate
from campaigns.predictions import services as predictions
from campaigns.review.services import receiver
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.models import Job
from outreach.jobs.services import start_job
from outreach.llm.errors import Waiting
from outreach.llm.services import close_trace, open_trace

EVERY = timedelta(hours=1)
MOST_ORDERED = 2_000
"""Approved candidates that predictions choose among: those with the best score."""
LOOKED_AT = 3
"""Candidates judged for each place of the day: about one in three qualifies."""
LEAST_JUDGED, MOST_JUDGED = 10, 1_000
log = structlog.get_logger(__name__)
ACTOR = Actor.system("daily")


def due_campaigns() -> list[int]:
    """Daily campaigns whose hour has come, by index; each is claimed for its next hour."""
    now = clock.now()
    due = Campaign.objects.filter(next_run_at__lte=now)
    found = []
    for campaign in due.order_by("next_run_at")[:1000]:
        upcoming = next_run(campaign, now) if campaign.is_sending else None
        rows = Campaign.objects.filter(pk=campaign.pk, next_run_at=campaign.next_run_at)
        if rows.update(next_run_at=upcoming) and upcoming is not None:
            found.append(campaign.pk)
    return found


def next_run(campaign: Campaign, now: datetime) -> datetime:
    """The next hour, or the midnight of the campaign's zone when that comes first."""
    zone = ZoneInfo(campaign.time_zone)
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    return min(now + EVERY, midnight)


def start_run(*, campaign: Campaign, started_by: User | None = None) -> Job:
    """Run one daily campaign now, as a job. Raises `Refused` when it is not daily or not running."""
    if campaign.mode != Campaign.Mode.DAILY:
        raise Refused(_("This is a one-off campaign; only daily campaigns run by day."), code="not_daily")
    if not campaign.is_sending:
        raise Refused(_("The campaign isn't running."), code="not_running")
    return start_job(
        kind="campaign.day",
        task="campaigns.daily.tasks.run",
        arguments={"campaign_id": campaign.pk},
        subject=campaign,
        started_by=started_by,
        lane="llm" if campaign.brief and campaign.brief.use_model else "default",
    )


def run(campaign: Campaign) -> dict[str, int]:
    """The hourly run: start the day at midnight, then fill the remaining capacity. Returns counts."""
    if not campaign.is_sending:
        return {}
    today = clock.now().astimezone(ZoneInfo(campaign.time_zone)).date()
    if campaign.day != today:
        campaign.day, campaign.day_counts = today, {}
        campaign.save(update_fields=["day", "day_counts", "updated_at"])
    counts: Counter[str] = Counter()
    campaign.waits_because = ""
    free = room(campaign)
    counts["planned"] += dispatch(campaign, free)
    free -= counts["planned"]
    if free > 0:
        chosen = shortlist.top(campaign=campaign, limit=min(MOST_JUDGED, max(LEAST_JUDGED, free * LOOKED_AT)))
        judged = judge(campaign, [c for c in chosen if c.stage in CANDIDATE.unjudged])
        counts["judged"], counts["qualified"] = sum(judged.values()), judged["qualified"]
        counts["drafted"] = write(campaign, free)
        planned = dispatch(campaign, free)
        counts["planned"] += planned
        if planned < free and is_dry(campaign, free - planned):
            counts["sources"] = len(_discover(campaign))
    _remember(campaign, counts)
    return dict(counts)


def judge(campaign: Campaign, chosen: list[Candidate]) -> Counter[str]:
    """Verdicts for the shortlist. Without a brief everyone in the set qualifies."""
    counts: Counter[str] = Counter()
    if campaign.brief_id is None:
        ids = [candidate.pk for candidate in chosen]
        reason = _("No brief: everyone in the segment qualifies.")
        rows = Candidate.objects.unjudged().filter(pk__in=ids)
        moved = CANDIDATE.move_where(rows, "qualified", actor=ACTOR, changes={"stage_reason": reason})
        return Counter(qualified=len(moved))
    if not chosen:
        return counts
    trace = open_trace("qualify", campaign_id=campaign.pk)
    for start in range(0, len(chosen), candidates.CHUNK):
        try:
            counts += candidates.judge(campaign, chosen[start : start + candidates.CHUNK], trace)
        except Waiting as error:  # the next hour goes on
            campaign.waits_because = error.reason
            close_trace(trace, error=error.reason)
            return counts
    close_trace(trace)
    return counts


def write(campaign: Campaign, limit: int) -> int:
    """Texts for the best of those who qualified and have none; how many people got some. Rules may approve at once."""
    waiting = campaign.candidates.filter(stage=CANDIDATE.QUALIFIED, problem="").order_by("-score", "pk")
    best = list(waiting.values_list("pk", flat=True)[:limit])
    if not best:
        return 0
    items = generation.missing(campaign, only=best)
    written = 0
    try:
        for _candidate, count, _problem in generation.run(campaign, items, receive=receiver(campaign)):
            written += bool(count)
    except Waiting as error:  # the next hour goes on
        campaign.waits_because = error.reason
        log.info("drafts_wait", campaign=campaign.pk, reason=error.reason)
    return written


def dispatch(campaign: Campaign, limit: int) -> int:
    """Start the best approved candidates, at most `limit`; returns how many messages (or first tasks) were planned."""
    if limit <= 0:
        return 0
    first = campaign.steps.order_by("number").first()
    if first is None:
        return 0
    if first.is_task:
        rows = campaign.candidates.filter(stage=CANDIDATE.APPROVED, turns=None).order_by("-score", "pk")
        ids = list(rows.values_list("pk", flat=True)[:limit])
        for candidate_id in ids:
            advancing.advance(candidate_id)
        return len(ids)
    best = bulk.waiting(campaign).order_by("-candidate__score", "candidate_id").values_list("candidate_id", flat=True)
    guide = predictions.guide_of(campaign)
    if guide is not None and guide.orders:
        ids = guide.ordered(list(best[:MOST_ORDERED]), limit=limit)
    else:
        ids = list(best[:limit])
    return sum(count for _done, count in bulk.hand_over_first(campaign, candidate_ids=ids))


def is_dry(campaign: Campaign, wanted: int) -> bool:
    """Whether the live set has nobody left and too few wait for a verdict, their texts or review."""
    waiting = campaign.candidates.filter(stage__in=CANDIDATE.picked)
    return waiting.count() < wanted and shortlist.is_dry(campaign=campaign, limit=wanted)


def _discover(campaign: Campaign) -> list[Any]:
    try:
        return discovery.discover_if_dry(campaign)
    except OutreachError as error:
        audit.record("campaign.discovery_failed", subject=campaign, actor=ACTOR, reason=error.reason[:300])
        Campaign.objects.filter(pk=campaign.pk).update(discovered_at=clock.now(), discovery_error=error.reason[:1000])
        return []


@transaction.atomic
def _remember(campaign: Campaign, counts: Counter[str]) -> None:
    row = Campaign.objects.select_for_update().get(pk=campaign.pk)
    row.day_counts = {name: row.day_counts.get(name, 0) + counts[name] for name in {*row.day_counts, *counts} if name}
    row.waits_because = campaign.waits_because
    row.save(update_fields=["day_counts", "waits_because"])
    campaign.day_counts = row.day_counts
