"""Drafts with their variants, edits and approvals; approval rules."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.models import Dated
from outreach.core.states import State, StateMachine

_REVIEW = ("reviewer", "operator", "administrator")

DRAFT = StateMachine(
    name="draft",
    initial="generated",
    states={
        "generated": State(_("Generated"), to=("pending_review", "approved", "superseded", "rejected"), colour="grey"),
        "pending_review": State(_("To review"), to=("approved", "rejected", "superseded"), colour="amber"),
        "approved": State(
            _("Approved"), to=("handed_over", "pending_review", "superseded", "rejected"), colour="green", roles=_REVIEW
        ),
        "rejected": State(_("Rejected"), to=("pending_review", "superseded"), colour="red", roles=_REVIEW),
        "handed_over": State(_("Handed over"), to=("approved",), colour="green"),
        "superseded": State(_("Superseded"), to=("pending_review",), colour="grey"),
    },
)


class Draft(Dated):
    """One variant of one step for one candidate. What follows a hand-over is its message's state, never a copy of it.

    `version` counts edits: saving over a newer version is refused and shows both texts.
    Erasure: subject and body (also the generated ones) are blanked.
    """

    candidate = models.ForeignKey("campaigns.Candidate", on_delete=models.CASCADE, related_name="drafts")
    step = models.ForeignKey("steps.Step", on_delete=models.CASCADE, related_name="drafts")
    variant = models.TextField()
    language = models.TextField()
    state = models.TextField(choices=DRAFT.choices, default=DRAFT.initial)
    subject = models.TextField(blank=True)
    body = models.TextField()
    generated_subject = models.TextField(blank=True)
    generated_body = models.TextField()
    version = models.PositiveIntegerField(default=1)
    content_hash = models.TextField()
    facts = models.JSONField(default=list, help_text="The facts that the text uses, for the reviewer")
    interaction = models.ForeignKey("llm.Interaction", on_delete=models.PROTECT, related_name="drafts")
    risk = models.FloatField(null=True, blank=True, help_text="0 (none) to 1")
    quality = models.FloatField(null=True, blank=True, help_text="0 to 1")
    flags = models.JSONField(default=list)
    edited_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    approved_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_hash = models.TextField(blank=True)
    approval_rule = models.ForeignKey(
        "drafts.ApprovalRule", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    message = models.OneToOneField(
        "conversations.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="draft"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "step", "variant"],
                condition=~models.Q(state="superseded"),
                name="draft_variant_once",
            ),
            models.UniqueConstraint(
                fields=["candidate", "step"],
                condition=models.Q(state__in=["approved", "handed_over"]),
                name="draft_one_approved",
            ),
        ]
        indexes = [
            models.Index(fields=["step", "state", "id"], name="draft_step_state"),
            models.Index(fields=["state", "id"], name="draft_state"),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} · {self.variant}"


class Revision(models.Model):
    """A text that a draft had before, or one that is proposed for it: nothing written is ever lost. Append-only.

    Erasure: subject and body are blanked with the draft's.
    """

    class Kind(models.TextChoices):
        PREVIOUS = "previous", _("Replaced")
        PROPOSED = "proposed", _("Proposed")

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="revisions")
    kind = models.TextField(choices=Kind.choices)
    version = models.PositiveIntegerField(help_text="The draft's version that this text was, or was proposed for")
    subject = models.TextField(blank=True)
    body = models.TextField()
    reason = models.TextField(blank=True, help_text="edit, formal, casual, shorter, regenerate")
    interaction = models.ForeignKey(
        "llm.Interaction", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When a proposal was used or put away")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["draft", "-id"], name="draft_revision_draft")]


class ApprovalRule(Dated):
    """Lets the product approve in place of a person, or insists on one. Without rules every draft needs a person."""

    class Action(models.TextChoices):
        APPROVE = "approve", _("Approve")
        REVIEW = "review", _("Needs a person")

    campaign = models.ForeignKey(
        "campaigns.Campaign", null=True, blank=True, on_delete=models.CASCADE, related_name="approval_rules"
    )
    name = models.TextField()
    action = models.TextField(choices=Action.choices)
    conditions = models.JSONField(default=dict, help_text="{min_quality, max_risk, first_contact_with_company, words}")
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name
