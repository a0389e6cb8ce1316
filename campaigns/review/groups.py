"""One word on a whole group of messages that differ in filled-in values only: approve or reject it, change its wording.

What was seen is what is acted on: the members are looked up again by their pattern, those that joined later stay in
review, and each text is locked and checked like a single one. A large group is worked off by a visible job.
"""

from __future__ import annotations

from dataclasses import asdict

from campaigns.review import many, stacking
from campaigns.review.many import BulkResult
from campaigns.review.selectors import Filters
from campaigns.review.stacking import Alike
from outreach.access.models import User
from outreach.core.errors import Refused
from outreach.core.words import gettext as _
from outreach.core.words import joined, ngettext
from outreach.jobs.models import JOB, Job
from outreach.jobs.services import advance, start_job

AT_ONCE = 500
"""Texts that are approved while the reviewer waits; more go to a job."""
KIND = "campaign.approve_group"


def approve(*, group: Alike, variant: str, user: User) -> BulkResult | Job:
    """Approve `variant` of every message of the group. Raises `Refused` when the group is gone."""
    pairs = _texts(group, variant)
    if len(pairs) <= AT_ONCE:
        return many.bulk_approve(pairs=pairs, user=user)
    arguments = {**asdict(group), "variant": variant}
    if Job.objects.filter(kind=KIND, state__in=JOB.open, arguments=arguments).exists():
        raise Refused(_("This group is already being approved in the background."), code="already_running")
    return start_job(
        kind=KIND,
        task="campaigns.review.tasks.approve_group",
        arguments=arguments,
        started_by=user,
        total_count=len(pairs),
    )


def approve_in_job(job: Job) -> BulkResult:
    """The same for a large group, with progress; running it again goes on where it stopped."""
    given = dict(job.arguments)
    variant = given.pop("variant")
    group = Alike(filters=Filters(**given.pop("filters")), **given)
    pairs = stacking.texts(group, variant)
    if job.started_by is None:
        raise Refused(_("The user who started this no longer exists."))
    return many.bulk_approve(pairs=pairs, user=job.started_by, progress=lambda done: advance(job, done, len(pairs)))


def reject(*, group: Alike, variant: str, user: User) -> BulkResult:
    """Reject `variant` of every message of the group; the other variants stay."""
    return many.bulk_reject(pairs=_texts(group, variant), user=user)


def _texts(group: Alike, variant: str) -> list[tuple[int, int]]:
    pairs = stacking.texts(group, variant)
    if not pairs:
        raise Refused(
            _("This group has changed in the meantime. Nothing was changed; look at what is left."),
            code="group_changed",
        )
    return pairs


def told(result: BulkResult) -> str:
    """What an approval did, in a sentence, with the reasons of what stayed."""
    count = len(result.done)
    said = ngettext("%(count)s draft approved.", "%(count)s drafts approved.", count) % {"count": count}
    return joined(" ", [said, *result.told()])
