"""Background work of sequences."""

from __future__ import annotations

from django.db.models import Q

from campaigns.drafts.models import DRAFT, Draft
from campaigns.journey import advancing, bulk, replanning, turns
from campaigns.models import CANDIDATE, Campaign
from outreach.core.words import gettext as _
from outreach.jobs.models import Job
from outreach.jobs.services import advance

CHUNK = 500


def hand_over_approved(job: Job) -> str:
    """Hand over every approved draft of a campaign whose turn it is. Repeating it does only what is left."""
    campaign = Campaign.objects.select_related("stream").get(pk=job.arguments["campaign_id"])
    planned = 0
    if campaign.mode == Campaign.Mode.ONCE:
        total = bulk.waiting(campaign).count()
        advance(job, 0, total)
        for done, count in bulk.hand_over_first(campaign):
            planned += count
            advance(job, min(done, total), total)
    later = Q(step__number__gt=1, candidate__stage__in=CANDIDATE.on_the_way)
    rows = Draft.objects.filter(later, candidate__campaign=campaign, state=DRAFT.APPROVED).order_by("candidate_id")
    ids = list(rows.values_list("candidate_id", flat=True).distinct())
    done_before = job.done_count
    for done in range(0, len(ids), CHUNK):
        advance(job, done_before + done, done_before + len(ids))
        for candidate_id in ids[done : done + CHUNK]:
            planned += advancing.advance(candidate_id, may_begin=campaign.mode == Campaign.Mode.ONCE) is not None
    advance(job, done_before + len(ids), done_before + len(ids))
    return _("%(count)s messages planned.") % {"count": planned}


def look_at_turns() -> str:
    """Check conditions and tasks that are due."""
    return _("%(count)s looked at") % {"count": turns.look_at_due()}


def replan(job: Job) -> str:
    """Plan a running campaign's follow-ups by its changed plan."""
    return replanning.replan(job)
