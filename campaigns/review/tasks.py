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
    total = generation.missing_count(campaign)
    drafts = incomplete = 0
    advance(job, 0, total)
    found = generation.run(campaign, generation.missing(campaign), receive=receiver(campaign))
    for done, (_candidate, count, problem) in enumerate(found, 1):
        drafts += count
        incomplete += bool(problem)
        if done % REPORT_EVERY == 0 or done == total:
            advance(job, done, max(done, total))
    written = ngettext("%(count)s draft written", "%(count)s drafts written", drafts) % {"count": drafts}
    if not incomplete:
        return words.joined("", (written, "."))
    problems = _("Leads without a complete set of drafts: %(count)s. Each shows the reason.")
    return words.joined(". ", (written, problems % {"count": incomplete}))


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
