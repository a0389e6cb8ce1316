"""Background work on candidates."""

from __future__ import annotations

from collections import Counter

from campaigns.audience import live, services
from campaigns.drafts.services import generate
from campaigns.models import CANDIDATE, Campaign
from leads.segments.selectors import count as segment_count
from outreach.core import audit
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.models import Job
from outreach.jobs.services import advance
from outreach.llm.services import close_trace, open_trace


def freeze(job: Job) -> str:
    """Match a campaign's segment and keep who is found: one statement, however many there are."""
    campaign = Campaign.objects.select_related("segment_version").get(pk=job.arguments["campaign_id"])
    actor = Actor.of(job.started_by) if job.started_by else Actor.system("campaigns")
    advance(job, 0, max(1, segment_count(campaign.segment_version.criteria, None)))
    audience = services.freeze_audience(campaign=campaign, actor=actor)
    advance(job, job.total_count or 1)
    if job.arguments.get("writes") and audience.added:
        services.go_on(campaign=campaign, started_by=job.started_by)
    return _("%(added)s added. Left out: %(suppressed)s suppressed, %(unreachable)s without an address.") % {
        "added": audience.added,
        "suppressed": audience.suppressed,
        "unreachable": audience.unreachable,
    }


def qualify(job: Job) -> str:
    """Judge a campaign's candidates in chunks. Repeating it judges only who still waits."""
    campaign = Campaign.objects.select_related("brief").get(pk=job.arguments["campaign_id"])
    total = services.unjudged(campaign).count()
    trace = open_trace("qualify", campaign_id=campaign.pk)
    counts: Counter[str] = Counter()
    done, after = 0, 0
    advance(job, 0, total)
    while chunk := list(services.unjudged(campaign).filter(pk__gt=after)[: services.CHUNK]):
        counts += services.judge(campaign, chunk, trace)
        after = chunk[-1].pk
        done += len(chunk)
        advance(job, min(done, total), total)
    close_trace(trace)
    actor = Actor.of(job.started_by) if job.started_by else Actor.system("qualification")
    audit.record("campaign.qualified", subject=campaign, actor=actor, data=dict(counts))
    if job.arguments.get("writes") and campaign.candidates.filter(stage=CANDIDATE.QUALIFIED).exists():
        generate(campaign=campaign, started_by=job.started_by)
    return _("%(qualified)s qualified, %(disqualified)s disqualified, %(unknown)s to be decided by a person.") % {
        "qualified": counts["qualified"],
        "disqualified": counts["disqualified"],
        "unknown": counts["shortlisted"],
    }


def keep_live_sets() -> str:
    """Sets of campaigns that became live or changed, windows that passed, leads that changed."""
    done = live.tick()
    return _("%(leads)s leads, %(entered)s in, %(left)s out, %(evicted)s candidates taken out") % {
        "leads": done.leads, "entered": done.entered, "left": done.left, "evicted": done.evicted,
    }  # fmt: skip
