"""Follows a merge of two leads: joins their candidacies without losing a message, and separates them on undo.

Where only the lost lead is in a campaign its candidacy moves. Where both are, the one that went further belongs to
the kept lead from now on; the other is excluded and its planned messages are cancelled, so that one person is not
written to twice. Cancelled messages stay cancelled when the merge is undone.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from campaigns import outcomes
from campaigns.models import CANDIDATE, Candidate
from conversations.outbox.services import cancel_where
from leads.duplicates.models import Merge
from outreach.core.audit import record
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.models import Event

ACTOR = Actor.system("merge")
WING = "campaigns"
_PROGRESS = (
    "evicted", "excluded", "disqualified", "matched", "shortlisted", "qualified", "drafted", "approved", "contacted",
    "lost", "replied", "won",
)  # fmt: skip


def on_lead_merged(event: Event) -> None:
    """Join the candidacies of the lost lead with those of the kept one."""
    merge = Merge.objects.select_for_update().filter(pk=event.payload["merge_id"]).first()
    if merge is None or merge.undone_at or WING in merge.effects:
        return
    theirs = {row.campaign_id: row for row in Candidate.objects.select_for_update().filter(lead=merge.kept_id)}
    moved, joined = [], []
    for candidate in Candidate.objects.select_for_update().filter(lead=merge.lost_id).order_by("pk"):
        other = theirs.get(candidate.campaign_id)
        if other is None:
            Candidate.objects.filter(pk=candidate.pk).update(lead=merge.kept_id)
            moved.append(candidate.pk)
        else:
            joined.append(_join(candidate, other, merge))
    merge.effects = {**merge.effects, WING: {"moved": moved, "joined": joined}}
    merge.save(update_fields=["effects", "updated_at"])


def _join(candidate: Candidate, other: Candidate, merge: Merge) -> dict[str, Any]:
    is_swapped = _PROGRESS.index(candidate.stage) > _PROGRESS.index(other.stage)
    loser = other if is_swapped else candidate
    if is_swapped:
        _swap(candidate.pk, other.pk, merge.lost_id, merge.kept_id)
    note = {
        "candidate": candidate.pk,
        "other": other.pk,
        "is_swapped": is_swapped,
        "loser": loser.pk,
        "stage": loser.stage,
    }
    reason = _("The same person is in this campaign as lead #%(number)s.") % {"number": merge.kept_id}
    cancel_where(Q(draft__candidate=loser.pk), actor=ACTOR, reason=reason)
    outcomes.advance_stage(loser, "excluded", actor=ACTOR, reason=reason)
    return note


def _swap(one: int, other: int, lead_of_one: int, lead_of_other: int) -> None:
    """Exchange the leads of two candidates of one campaign, by way of a lead that does not exist.

    A lead is in a campaign once, which is checked row by row: a deferrable constraint would allow one UPDATE but could
    not answer the `ON CONFLICT` by which audiences grow. Foreign keys are checked at the end of the transaction.
    """
    Candidate.objects.filter(pk=other).update(lead=0)
    Candidate.objects.filter(pk=one).update(lead=lead_of_other)
    Candidate.objects.filter(pk=other).update(lead=lead_of_one)


def on_lead_unmerged(event: Event) -> None:
    """Separate them again; an excluded candidate returns to its stage."""
    merge = Merge.objects.select_for_update().filter(pk=event.payload["merge_id"]).first()
    if merge is None or WING not in merge.effects:
        return
    effects = merge.effects[WING]
    Candidate.objects.filter(pk__in=effects["moved"], lead=merge.kept_id).update(lead=merge.lost_id)
    for note in effects["joined"]:
        if note["is_swapped"]:
            _swap(note["candidate"], note["other"], merge.kept_id, merge.lost_id)
        loser = Candidate.objects.filter(pk=note["loser"], stage=CANDIDATE.EXCLUDED).first()
        if loser is not None and note["stage"] != "excluded":
            Candidate.objects.filter(pk=loser.pk, stage=CANDIDATE.EXCLUDED).update(stage=note["stage"], stage_reason="")
            record("candidate.restored", subject=loser, actor=ACTOR, data={"from": "excluded", "to": note["stage"]})
    merge.effects = {name: value for name, value in merge.effects.items() if name != WING}
    merge.save(update_fields=["effects", "updated_at"])
