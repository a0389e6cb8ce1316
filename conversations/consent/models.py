"""Suppressions and the consent ledger."""

from __future__ import annotations

from typing import Any, TypeAlias

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models import Channel
from outreach.core.addresses import domain_chain
from outreach.core.secrets import address_digest
from outreach.core.sentences import SentenceField
from outreach.core.states import one_of


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    """Which suppressions hold, and which of them cover somebody; `eligibility` is the same rule over rows, as SQL."""

    def in_force(self) -> SuppressionQuerySet:
        """Not lifted."""
        return self.filter(lifted_at=None)

    def on(self, channel: str) -> SuppressionQuerySet:
        """For every channel, or for `channel`."""
        return self.filter(channel__in=["", channel])

    def covering(self, *, channel: str, address: str, lead: Any = None) -> SuppressionQuerySet:
        """In force for `address` (normalised) of `lead` (row or id) on `channel`."""
        target = models.Q(lead=lead) if lead is not None else models.Q(pk__in=[])
        if address:
            target |= models.Q(address=address) | models.Q(address_digest=address_digest(address))
        if domains := domain_chain(address):
            target |= models.Q(domain__in=domains)
        return self.in_force().on(channel).filter(target)


class SuppressionReason(models.TextChoices):
    OPT_OUT = "opt_out", _("Opted out")
    BOUNCE = "bounce", _("Address does not exist")
    COMPLAINT = "complaint", _("Complained")
    MANUAL = "manual", _("By hand")
    PROVIDER = "provider", _("Blocked at the provider")


class Suppression(models.Model):
    """An address, lead or domain that must not be written to. Lifted by a person only, never deleted.

    Erasure: `address` is blanked, `address_digest` (keyed hash) stays and keeps the opt-out in force.
    """

    Reason: TypeAlias = SuppressionReason

    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.SET_NULL, related_name="suppressions"
    )
    channel = models.TextField(choices=Channel.choices, blank=True, help_text="Empty: every channel")
    address = models.TextField(blank=True)
    address_digest = models.TextField(blank=True, db_collation="C")
    domain = models.TextField(blank=True, db_collation="C")
    reason = models.TextField(choices=Reason.choices)
    evidence = SentenceField(blank=True)
    is_by_keyword = models.BooleanField(default=False, help_text="Made by a carrier's keyword; START reverses it")
    message = models.ForeignKey(
        "conversations.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.TextField(blank=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            one_of("reason", SuppressionReason.choices),
            one_of("channel", ["", *Channel.values]),
            models.CheckConstraint(
                condition=~models.Q(address_digest="")
                | ~models.Q(domain="")
                | models.Q(lead__isnull=False)
                | models.Q(lifted_at__isnull=False),
                name="suppression_has_target",
            ),
        ]
        indexes = [
            models.Index(fields=["address_digest"], condition=models.Q(lifted_at=None), name="suppression_address"),
            models.Index(
                fields=["address"],
                condition=models.Q(lifted_at=None) & ~models.Q(address=""),
                name="suppression_plain_address",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(lifted_at=None, address="") & ~models.Q(address_digest=""),
                name="suppression_erased",
            ),
            models.Index(fields=["lead"], condition=models.Q(lifted_at=None), name="suppression_lead"),
            models.Index(
                fields=["domain"], condition=models.Q(lifted_at=None) & ~models.Q(domain=""), name="suppression_domain"
            ),
        ]


class ConsentBasis(models.TextChoices):
    EXPRESS = "express", _("Express consent")
    IMPLIED = "implied", _("Implied consent")
    LEGITIMATE_INTEREST = "legitimate_interest", _("Legitimate interest")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ConsentEntry(models.Model):
    """One line of the append-only ledger: on what basis a lead may be written to on a channel, and its end."""

    Basis: TypeAlias = ConsentBasis

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="consent_entries")
    channel = models.TextField(choices=Channel.choices)
    basis = models.TextField(choices=Basis.choices)
    source = models.TextField()
    evidence = SentenceField(blank=True)
    text_shown = models.TextField(blank=True)
    actor = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "consent entries"
        constraints = [one_of("channel", Channel.choices), one_of("basis", ConsentBasis.choices)]
        ordering = ["-id"]
        indexes = [models.Index(fields=["lead", "channel", "-id"], name="consent_lead_channel")]


class HoldQuestion(models.TextChoices):
    STOP = "stop", _("Do they want us to stop?")
    WHOSE = "whose", _("Whose answer is it?")


class Hold(models.Model):
    """A question that a message raises: while it is open, nothing automatic goes out in `conversation`.

    Either the message may be an opt-out of whoever wrote it, or it came from an unknown address and may be the answer
    of somebody that we wrote to (`conversations.consent.holds`). Erasure: `evidence` is blanked.
    """

    Question: TypeAlias = HoldQuestion

    class Outcome(models.TextChoices):
        OPTED_OUT = "opted_out", _("Opted out")
        KEPT = "kept", _("Keep writing")
        ATTACHED = "attached", _("It is their answer")

    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="holds", db_index=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="holds", help_text="What waits for it"
    )
    question = models.TextField(choices=HoldQuestion.choices, default=HoldQuestion.STOP)
    evidence = SentenceField(blank=True, help_text="What raised the question")
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(blank=True)
    outcome = models.TextField(choices=Outcome.choices, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_at=None, outcome="")
                | models.Q(decided_at__isnull=False, outcome__in=["opted_out", "kept", "attached"]),
                name="hold_decided_with_outcome",
            ),
            one_of("question", HoldQuestion.choices),
            models.UniqueConstraint(fields=["message", "conversation", "question"], name="hold_once"),
        ]
        indexes = [models.Index(fields=["conversation"], condition=models.Q(decided_at=None), name="hold_open")]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_about_writer(self) -> bool:
        """Asks who wrote the message, not what they want."""
        return self.question == self.Question.WHOSE
