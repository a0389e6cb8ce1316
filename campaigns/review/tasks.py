"""Background work of drafts."""

from __future__ import annotations

from campaigns.drafts import generation, judging, pairs
from campaigns.models import Campaign
from campaigns.review import groups, rewording
from campaigns.review.services import receiver
from outreach.core import words
from outreach.core.words import gettext as _
from outreach.core.words import ngettext
from outreach.jobs.models import Job
from outreach.jobs.services import advance

REPORT_EVERY = 5


def generate(job: Job) -> str:
    """Write what is missing. Running it again continues where it stopped."""
    campaign = Campaign.objects.get(pk=job.arguments["campaign_id"])
    items = list(generation.missing(campaign))
    tally = generation.Tally()
    advance(job, 0, len(items))
    for done, (candidate, count, problem) in enumerate(generation.run(campaign, items, receive=receiver(campaign)), 1):
        tally.drafts += count
        tally.candidates += bool(count)
        if problem:
            tally.problems[candidate.pk] = problem
        if done % REPORT_EVERY == 0 or done == len(items):
            advance(job, done, len(items))
    written = ngettext("%(count)s draft written", "%(count)s drafts written", tally.drafts) % {"count": tally.drafts}
    if not tally.problems:
        return words.joined("", (written, "."))
    problems = _("Leads without a complete set of drafts: %(count)s. Each shows the reason.")
    return words.joined(". ", (written, problems % {"count": len(tally.problems)}))


def approve_group(job: Job) -> str:
    """Approve a large group of similar drafts."""
    return groups.told(groups.approve_in_job(job))


def judge_decided(job: Job) -> str:
    """Ask the judge about texts that people have decided on."""
    count = judging.judge_decided()
    return ngettext("%(count)s decision compared", "%(count)s decisions compared", count) % {"count": count}


def compare_decided(job: Job) -> str:
    """Ask the judge about pairs of versions of which people preferred one."""
    count = pairs.compare_decided()
    return ngettext("%(count)s pair compared", "%(count)s pairs compared", count) % {"count": count}


def reword(job: Job) -> str:
    """Change the wording of many similar drafts."""
    return rewording.told(rewording.apply_in_job(job))
