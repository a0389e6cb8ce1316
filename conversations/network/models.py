"""How far a lead and a sender know each other on a network."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.access.roles import Role, at_least
from outreach.core.models import Dated
from outreach.core.states import State, StateMachine

_STAFF = at_least(Role.OPERATOR)

RELATION = StateMachine(
    name="network relation",
    initial="none",
    states={
        "none": State(_("No relation"), to=("pending", "connected"), colour="grey"),
        "pending": State(_("Invited"), to=("connected", "withdrawn", "ignored"), colour="amber"),
        "connected": State(_("Connected"), to=("none",), colour="green"),
        "withdrawn": State(
            _("Invitation withdrawn or declined"), to=("pending", "connected"), colour="grey", roles=_STAFF
        ),
        "ignored": State(_("Invitation ignored"), to=("connected", "withdrawn", "pending"), colour="grey"),
    },
    sets={"invited": ("pending", "withdrawn", "ignored")},  # they saw an invitation of ours: none is sent again
)


class Relation(Dated):
    """One lead and one sender. `next_check_at` is set while an invitation waits for an answer.

    Erasure: holds ids, states and times only; the address is blanked with the lead.
    """

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="network_relations")
    sender = models.ForeignKey("senders.Sender", on_delete=models.CASCADE, related_name="network_relations")
    address = models.TextField(blank=True, db_collation="C")
    state = models.TextField(choices=RELATION.choices, default=RELATION.initial)
    invitation = models.ForeignKey(
        "conversations.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_at = models.DateTimeField(null=True, blank=True)
    connected_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    check_count = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["lead", "sender"], name="network_relation_once"),
            RELATION.constraint(),
        ]
        indexes = [
            models.Index(
                fields=["sender", "next_check_at"],
                condition=models.Q(state=RELATION.PENDING),
                name="network_relation_due",
            ),
            models.Index(fields=["sender", "address"], name="network_relation_address"),
        ]

    def __str__(self) -> str:
        return f"{self.lead} · {self.sender}"

    is_pending = RELATION.predicate("pending")
    is_connected = RELATION.predicate("connected")
    is_invited = RELATION.predicate(*RELATION.invited)
