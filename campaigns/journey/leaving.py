"""The end of a candidate's journey: its texts are set aside, its turns end, its planned messages are cancelled."""

from __future__ import annotations

from django.db import transaction

from campaigns.drafts.models import DRAFT, Draft
from campaigns.journey.models import TURN, Turn
from campaigns.models import CANDIDATE, Candidate
from conversations.outbox import services as outbox
from outreach.core import clock
from outreach.core.models import Actor
from outreach.core.words import gettext as _

ACTOR = Actor.system("journey")


def exclude(*, candidate: Candidate, actor: Actor, reason: str = "") -> Candidate:
    """Remove one lead from the campaign: nothing more is sent to it. Idempotent."""
    if candidate.is_excluded:
        return candidate
    reason = reason.strip() or _("Excluded manually.")
    with transaction.atomic():
        CANDIDATE.move(candidate, "excluded", actor=actor, reason=reason, changes={"stage_reason": reason})
        supersede_drafts(candidate, actor=actor, reason=reason)
        outbox.cancel_planned(actor=actor, reason=reason, stream=candidate.campaign.stream, lead=candidate.lead)
        end_turns(candidate, reason)
    return candidate


def supersede_drafts(candidate: Candidate, *, actor: Actor, reason: str) -> None:
    """Keep the texts that are not handed over, out of the queue."""
    DRAFT.move_where(Draft.objects.filter(candidate=candidate), "superseded", actor=actor, reason=reason)


def end_turns(candidate: Candidate, reason: str) -> int:
    """Nothing more is due for this candidate: waiting conditions and open tasks are cancelled. Returns how many."""
    rows = Turn.objects.filter(candidate=candidate)
    changes = {"settled_at": clock.now(), "note": reason}
    return len(TURN.move_where(rows, "cancelled", actor=ACTOR, reason=reason, changes=changes))
