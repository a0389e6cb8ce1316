"""A plan changed while the campaign is running: for everyone, or for new leads only."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from campaigns.drafts.models import DRAFT, Draft
from campaigns.journey import advancing
from campaigns.journey.leaving import ACTOR
from campaigns.journey.models import TURN, Turn
from campaigns.models import CANDIDATE, Campaign, Candidate
from conversations.models import MESSAGE, Message
from conversations.outbox import services as outbox
from outreach.core import clock
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.models import Job
from outreach.jobs.services import advance, start_job

CHUNK = 200


def in_flight(campaign: Campaign) -> Q:
    """Candidates whose sequence has started: something was handed over, or a task is open."""
    handed = Draft.objects.filter(candidate=OuterRef("pk"), state=DRAFT.HANDED_OVER)
    turns = Turn.objects.filter(candidate=OuterRef("pk"))
    return Q(campaign=campaign) & (Q(Exists(handed)) | Q(Exists(turns)))


def apply(campaign: Campaign, *, applies_to: str) -> Job | None:
    """Apply a changed plan. For new leads only, those in progress keep theirs; otherwise a job reschedules them."""
    if applies_to == "new":
        Candidate.objects.filter(in_flight(campaign), plan_number=None).update(plan_number=campaign.plan_number)
        campaign.plan_number += 1
        campaign.save(update_fields=["plan_number", "updated_at"])
        return None
    Candidate.objects.filter(campaign=campaign).exclude(plan_number=None).update(plan_number=None)
    return start_job(
        kind="campaign.replan",
        task="campaigns.journey.tasks.replan",
        arguments={"campaign_id": campaign.pk},
        subject=campaign,
    )


def replan(job: Job) -> str:
    """Cancel planned follow-ups that have not left, and reschedule them by the new plan. Repeatable."""
    campaign = Campaign.objects.select_related("stream").get(pk=job.arguments["campaign_id"])
    rows = Candidate.objects.filter(in_flight(campaign), stage__in=CANDIDATE.on_the_way).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    changed = 0
    for done in range(0, len(ids), CHUNK):
        advance(job, done, len(ids))
        for candidate_id in ids[done : done + CHUNK]:
            changed += take_back(candidate_id)
            advancing.advance(candidate_id)
    advance(job, len(ids), len(ids))
    return _("%(count)s rescheduled.") % {"count": changed}


@transaction.atomic
def take_back(candidate_id: int) -> int:
    """Cancel what is planned for a candidate after its first step; returns how many. Messages being sent are left alone."""
    candidate = advancing.lock_candidate(candidate_id)
    reason = _("The plan was changed.")
    count = 0
    rows = Draft.objects.select_for_update(of=("self",)).filter(
        candidate=candidate, state=DRAFT.HANDED_OVER, step__number__gt=1, message__state__in=MESSAGE.waiting
    )
    for draft in rows.order_by("pk"):
        count += unplan(draft, actor=ACTOR, reason=reason)
    for turn in Turn.objects.waiting().filter(candidate=candidate):
        TURN.move(turn, "cancelled", actor=ACTOR, reason=reason)
        turn.delete()
        count += 1
    return count


def unplan(draft: Draft, *, actor: Actor, reason: str) -> bool:
    """Cancel the planned message of a draft, which is only approved again; False when it has left or is on its way.

    Call it in a transaction that locked the candidate.
    """
    planned = Message.objects.filter(draft=draft)
    cancelled = outbox.cancel_where(Q(draft=draft), actor=actor, reason=reason, states=MESSAGE.waiting)
    if not cancelled and not planned.cancelled().exists():
        return False
    planned.update(refused_by="plan_changed", updated_at=clock.now())
    DRAFT.move(draft, "approved", actor=actor, reason=reason, changes={"message": None})
    return True
