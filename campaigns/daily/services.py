"""One day of a daily campaign: take the best of the live set, judge, write, and begin with as many as the senders allow.

A run is repeatable at any moment: it looks at what the day already brought and does what is missing. Follow-ups keep
their place: the room for new leads is what the senders' day has left after them.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.audience import services as candidates
from campaigns.audience import shortlist
from campaigns.daily import discovery
from campaigns.drafts import generation
from campaigns.drafts.models import Draft
from campaigns.journey import bulk
from campaigns.journey import services as sequences
from campaigns.journey.models import Turn
from campaigns.models import UNJUDGED, Campaign, Candidate
from campaigns.steps.senders import pool_of
from conversations.models import CLAIMABLE, Message
from conversations.outbox import quotas
from conversations.senders import policy
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import OutreachError, Refused
from outreach.core.models import Actor
from outreach.jobs.models import Job
from outreach.jobs.services import start_job
from outreach.limits import windows
from outreach.limits.models import Allowance
from outreach.llm.services import close_trace, open_trace

EVERY = timedelta(hours=1)
LOOKED_AT = 3
"""Candidates judged for each place of the day: about one in three qualifies."""
LEAST_JUDGED, MOST_JUDGED = 10, 1_000
ACTOR = Actor.system("daily")


def due_campaigns() -> list[int]:
    """Daily campaigns whose hour has come, by index; each is claimed for its next hour."""
    now = clock.now()
    due = Campaign.objects.filter(next_run_at__lte=now)
    found = []
    for campaign in due.order_by("next_run_at")[:1000]:
        upcoming = next_run(campaign, now) if campaign.state == "sending" else None
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
    """Look after one daily campaign now, as a job. Raises `Refused` when it is not daily or does not run."""
    if campaign.mode != Campaign.Mode.DAILY:
        raise Refused(_("This campaign goes out once; only daily campaigns have a day."), code="not_daily")
    if campaign.state != "sending":
        raise Refused(_("The campaign does not run."), code="not_running")
    return start_job(
        kind="campaign.day",
        task="campaigns.daily.tasks.run",
        arguments={"campaign_id": campaign.pk},
        subject=campaign,
        started_by=started_by,
        lane="llm" if campaign.brief and campaign.brief.use_model else "default",
    )


def run(campaign: Campaign) -> dict[str, int]:
    """What the hour asks for: begin the day at its midnight, then fill the room that is left. What it brought, in numbers."""
    if campaign.state != "sending":
        return {}
    today = clock.now().astimezone(ZoneInfo(campaign.time_zone)).date()
    if campaign.day != today:
        campaign.day, campaign.day_counts = today, {}
        campaign.save(update_fields=["day", "day_counts", "updated_at"])
    counts: Counter[str] = Counter()
    free = room(campaign)
    counts["planned"] += dispatch(campaign, free)
    free -= counts["planned"]
    if free > 0:
        chosen = shortlist.top(campaign=campaign, limit=min(MOST_JUDGED, max(LEAST_JUDGED, free * LOOKED_AT)))
        judged = judge(campaign, [c for c in chosen if c.stage in UNJUDGED])
        counts["judged"], counts["qualified"] = sum(judged.values()), judged["qualified"]
        counts["drafted"] = write(campaign, free)
        planned = dispatch(campaign, free)
        counts["planned"] += planned
        if planned < free and is_dry(campaign, free - planned):
            counts["sources"] = len(_discover(campaign))
    _remember(campaign, counts)
    return dict(counts)


def room(campaign: Campaign) -> int:
    """How many new leads may be begun with now: what each sender's day has left after its follow-ups, at most the limit."""
    first = campaign.steps.select_related("sender").order_by("number").first()
    if first is None:
        return 0
    if first.is_task:
        return max(0, (campaign.daily_limit or LEAST_JUDGED) - _begun_today(campaign, None))
    now, total = clock.now(), 0
    for sender in pool_of(first):
        if sender.state != "active":
            continue
        usage = Allowance.objects.filter(key=quotas.sender_key(sender.pk)).values_list("usage", flat=True).first() or {}
        limits = policy.limits(sender, usage, now)
        left = windows.room(usage, limits, now) if limits.hourly is None else _day_room(usage, limits, now)
        planned = Message.objects.filter(
            sender=sender, state__in=(*CLAIMABLE, "claimed"), scheduled_at__lt=now + timedelta(days=1)
        ).count()
        free = max(0, (left if left is not None else MOST_JUDGED) - planned)
        if campaign.daily_limit is not None:
            free = min(free, max(0, campaign.daily_limit - _begun_today(campaign, sender.pk)))
        total += free
    if campaign.stream.daily_cap is not None:
        total = min(total, max(0, campaign.stream.daily_cap - _begun_today(campaign, None)))
    return min(total, MOST_JUDGED)


def _day_room(usage: windows.Usage, limits: windows.Limits, now: datetime) -> int | None:
    """What the caps of the day and the week leave; the hour's only spreads it."""
    return windows.room(usage, windows.Limits(daily=limits.daily, weekly=limits.weekly), now)


def _begun_today(campaign: Campaign, sender_id: int | None) -> int:
    """New leads that the campaign began with since its midnight."""
    zone = ZoneInfo(campaign.time_zone)
    midnight = datetime.combine(clock.now().astimezone(zone).date(), time(), zone)
    rows = Message.objects.filter(stream=campaign.stream_id, priority=0, created_at__gte=midnight).exclude(
        state="cancelled"
    )
    if sender_id is not None:
        return rows.filter(sender=sender_id).count()
    tasks = Turn.objects.filter(candidate__campaign=campaign, step__number=1, created_at__gte=midnight)
    return rows.count() + tasks.count()


def judge(campaign: Campaign, chosen: list[Candidate]) -> Counter[str]:
    """Verdicts for the shortlist. Without a brief everybody in the set qualifies."""
    counts: Counter[str] = Counter()
    if campaign.brief_id is None:
        ids = [candidate.pk for candidate in chosen]
        reason = _("No brief: everybody in the segment qualifies.")
        rows = Candidate.objects.filter(pk__in=ids, stage__in=UNJUDGED)
        counts["qualified"] = rows.update(stage="qualified", stage_reason=reason, updated_at=clock.now())
        return counts
    if not chosen:
        return counts
    trace = open_trace("qualify", campaign_id=campaign.pk)
    for start in range(0, len(chosen), candidates.CHUNK):
        counts += candidates.judge(campaign, chosen[start : start + candidates.CHUNK], trace)
    close_trace(trace)
    return counts


def write(campaign: Campaign, limit: int) -> int:
    """Texts for the best of those who qualified and have none; how many people got some. Rules may approve at once."""
    waiting = campaign.candidates.filter(stage="qualified", problem="").order_by("-score", "pk")
    best = list(waiting.values_list("pk", flat=True)[:limit])
    if not best:
        return 0
    items = generation.missing(campaign, only=best)
    return sum(1 for _candidate, count, _problem in generation.run(campaign, items) if count)


def dispatch(campaign: Campaign, limit: int) -> int:
    """Begin with the best approved candidates, at most `limit`; how many messages (or first tasks) were planned."""
    if limit <= 0:
        return 0
    first = campaign.steps.order_by("number").first()
    if first is None:
        return 0
    for candidate_id in _newly_approved(campaign)[:MOST_JUDGED]:
        from campaigns import outcomes

        candidate = Candidate.objects.get(pk=candidate_id)
        if candidate.stage == "qualified":
            outcomes.advance_stage(candidate, "drafted", actor=ACTOR)
        outcomes.advance_stage(candidate, "approved", actor=ACTOR)
    if first.is_task:
        rows = campaign.candidates.filter(stage="approved", turns=None).order_by("-score", "pk")
        ids = list(rows.values_list("pk", flat=True)[:limit])
        for candidate_id in ids:
            sequences.advance(candidate_id)
        return len(ids)
    best = bulk.waiting(campaign).order_by("-candidate__score", "candidate_id")
    ids = list(best.values_list("candidate_id", flat=True)[:limit])
    return sum(count for _done, count in bulk.hand_over_first(campaign, candidate_ids=ids))


def _newly_approved(campaign: Campaign) -> list[int]:
    """Candidates whose first text a rule has just approved; the news of it may still be on its way."""
    rows = Draft.objects.filter(
        candidate__campaign=campaign, candidate__stage__in=("qualified", "drafted"), state="approved"
    )
    return list(rows.values_list("candidate_id", flat=True).distinct())


def is_dry(campaign: Campaign, wanted: int) -> bool:
    """Whether the live set has nobody left and too few wait for a verdict, their texts or a person's review."""
    waiting = campaign.candidates.filter(stage__in=("matched", "qualified", "drafted", "approved"))
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
    row.save(update_fields=["day_counts"])
    campaign.day_counts = row.day_counts
