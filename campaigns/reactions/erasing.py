"""A person was erased: drafts to them are blanked and taken out of the queue, candidacies end."""

from __future__ import annotations

from typing import Any

from campaigns import outcomes
from campaigns.drafts.models import DRAFT, Comparison, Draft, Revision
from campaigns.journey.leaving import end_turns
from campaigns.journey.models import Turn
from campaigns.models import CANDIDATE, Candidate
from outreach.core.audit import forget_reasons
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.models import Event
from outreach.llm import keeping as llm

ACTOR = Actor.system("erasure")


def on_lead_erased(event: Event) -> None:
    """`lead.erased`: nothing written to or about the person stays; stages, outcomes and hashes do, for the counts."""
    candidates = list(Candidate.objects.select_for_update().filter(lead=event.payload["lead_id"]).order_by("pk"))
    ids = [candidate.pk for candidate in candidates]
    drafts = Draft.objects.filter(candidate__in=ids)
    forget_reasons(Candidate, ids)
    forget_reasons(Draft, drafts.values_list("pk", flat=True))
    forget_reasons(Turn, Turn.objects.filter(candidate__in=ids).values_list("pk", flat=True))
    reason = _("The person was erased.")
    for candidate in candidates:
        end_turns(candidate, reason)
        if candidate.stage in CANDIDATE.before_contact:
            outcomes.advance_stage(candidate, "excluded", actor=ACTOR, reason=reason)
    revisions = Revision.objects.filter(draft__candidate__in=ids)
    asked: set[Any] = set(drafts.values_list("interaction", flat=True))
    asked |= set(revisions.exclude(interaction=None).values_list("interaction", flat=True))
    llm.forget(interaction_ids=asked)
    DRAFT.move_where(drafts, "superseded", actor=ACTOR)
    drafts.update(subject="", body="", generated_subject="", generated_body="", facts=[], flags=[], judgement={})
    Comparison.objects.filter(draft__candidate__in=ids).update(reasons=[])
    revisions.update(subject="", body="")
    Turn.objects.filter(candidate__in=ids).update(note="")
    Candidate.objects.filter(pk__in=ids).update(problem="", stage_reason="")
