"""Turns: conditions checked on their day, and tasks for people."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from campaigns.journey import advancing
from campaigns.journey.leaving import ACTOR
from campaigns.journey.models import TURN, Turn
from campaigns.models import CAMPAIGN, Candidate
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _

BATCH = 500


def look_at_due(*, limit: int = BATCH) -> int:
    """Check every due turn in sending campaigns; returns how many."""
    due = Turn.objects.waiting().filter(due_at__lte=clock.now(), candidate__campaign__state=CAMPAIGN.SENDING)
    ids = list(due.order_by("due_at", "pk").values_list("pk", "candidate_id")[:limit])
    for turn_id, candidate_id in ids:
        with transaction.atomic():
            candidate = advancing.lock_candidate(candidate_id)
            turn = Turn.objects.waiting().select_related("step").filter(pk=turn_id).first()
            if turn is None:
                continue
            if candidate.is_silenced:
                TURN.move(turn, "cancelled", actor=ACTOR, changes={"settled_at": clock.now()})
            else:
                advancing.look(turn, candidate)
    return len(ids)


def wake(candidate: Candidate) -> None:
    """Something happened that a condition may be waiting for: check now instead of at the next interval."""
    rows = Turn.objects.waiting().filter(candidate=candidate, looked_at__gt=0)
    rows.update(due_at=clock.now())


# what people do


def open_tasks() -> QuerySet[Turn]:
    """The tasks that wait for a person in running campaigns, the oldest first."""
    rows = Turn.objects.open().filter(candidate__campaign__state__in=CAMPAIGN.running)
    return rows.select_related("candidate__lead__company", "candidate__campaign", "step").order_by("due_at", "pk")


def do_task(*, turn: Turn, user: User, note: str = "") -> Turn:
    """A person did it: the sequence continues from now. Raises `Refused` when someone else was first."""
    return _settle_task(turn, "done", user, note)


def skip_task(*, turn: Turn, user: User, note: str = "") -> Turn:
    """A person skipped it: the sequence continues without it."""
    return _settle_task(turn, "skipped", user, note)


def _settle_task(turn: Turn, to: str, user: User, note: str) -> Turn:
    if not turn.step.is_task:
        raise Invalid("task", _("This is not a task."))
    now = clock.now()
    with transaction.atomic():
        changes = {"settled_at": now, "settled_by": user, "note": note.strip()[:1000]}
        if to == "skipped":
            changes["due_at"] = now
        TURN.move(turn, to, actor=Actor.of(user), reason=note.strip()[:300], sources=("open",), changes=changes)
        advancing.advance(turn.candidate_id)
    return turn
