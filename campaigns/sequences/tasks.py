"""Background work of sequences."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.drafts.models import Draft
from campaigns.models import Campaign
from campaigns.sequences import services
from outreach.jobs.models import Job
from outreach.jobs.services import advance

CHUNK = 200


def hand_over_approved(job: Job) -> str:
    """Hand over every approved draft of a campaign whose turn it is. Repeating it does only what is left."""
    campaign = Campaign.objects.get(pk=job.arguments["campaign_id"])
    turn = Q(step__number=1, candidate__stage="approved") | Q(step__number__gt=1, candidate__stage="contacted")
    drafts = Draft.objects.filter(turn, candidate__campaign=campaign, state="approved").order_by("step__number", "pk")
    ids = list(drafts.values_list("pk", flat=True))
    planned = 0
    for done in range(0, len(ids), CHUNK):
        advance(job, done, len(ids))
        for draft in Draft.objects.filter(pk__in=ids[done : done + CHUNK]).order_by("step__number", "pk"):
            planned += services.hand_over(draft) is not None
    advance(job, len(ids), len(ids))
    return _("%(count)s messages planned.") % {"count": planned}
