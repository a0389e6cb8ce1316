"""Turns: the steps of a candidate that wait for their condition or for a person."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.steps.models import Step
from outreach.access.roles import Role, at_least
from outreach.core.models import Dated
from outreach.core.states import State, StateMachine

_REVIEW = at_least(Role.REVIEWER)

TURN = StateMachine(
    name="turn",
    initial="waiting",
    states={
        "waiting": State(_("Waiting"), to=("open", "done", "skipped", "cancelled"), colour="grey"),
        "open": State(_("To do"), to=("done", "skipped", "cancelled"), colour="amber"),
        "done": State(_("Done"), colour="green", roles=_REVIEW),
        "skipped": State(_("Skipped"), to=("waiting",), colour="grey", roles=_REVIEW),
        "cancelled": State(_("Cancelled"), to=("waiting",), colour="grey"),
    },
    sets={"pending": ("waiting", "open")},
)


class TurnQuerySet(models.QuerySet["Turn"]):
    """Named sets of turns."""

    def waiting(self) -> TurnQuerySet:
        """Conditions that are looked at on their day, and tasks before theirs."""
        return self.filter(state=TURN.WAITING)

    def open(self) -> TurnQuerySet:
        """Tasks for a person."""
        return self.filter(state=TURN.OPEN)

    def pending(self) -> TurnQuerySet:
        """Waiting, or open for a person."""
        return self.filter(state__in=TURN.pending)


class Turn(Dated):
    """A step of one candidate that is not a plain message: a condition to check when due, or a task.

    `waiting` until `due_at`; then the condition decides (done: its message is planned; skipped), or the task is `open`
    for a person. Steps that are plain messages have no turn: their message is their state. Erasure: the note is blanked.
    """

    candidate = models.ForeignKey("campaigns.Candidate", on_delete=models.CASCADE, related_name="turns")
    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="turns")
    state = models.TextField(choices=TURN.choices, default=TURN.initial)
    due_at = models.DateTimeField()
    looked_at = models.PositiveSmallIntegerField(default=0, help_text="How often the condition was checked")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    note = models.TextField(blank=True, help_text="Why it was skipped, or what the person noted")

    objects = TurnQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["candidate", "step"], name="turn_once"), TURN.constraint()]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state=TURN.WAITING), name="turn_due"),
            models.Index(fields=["due_at", "id"], condition=models.Q(state=TURN.OPEN), name="turn_open"),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} · {self.step.number}"
