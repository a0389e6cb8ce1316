"""Drafts with their variants, edits and approvals; approval rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.drafts import likeness
from outreach.access.roles import Role, at_least
from outreach.core.models import Dated
from outreach.core.sentences import SentencesField
from outreach.core.states import State, StateMachine, one_of

if TYPE_CHECKING:
    from campaigns.drafts.guardrails import Report

_REVIEW = at_least(Role.REVIEWER)

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
    sets={
        "undecided": ("generated", "pending_review"),
        "open": ("generated", "pending_review", "approved"),
        "final": ("approved", "handed_over"),
        "decided": ("approved", "rejected"),
        "editable": ("generated", "pending_review", "approved", "rejected"),
        "rewritable": ("generated", "pending_review", "rejected"),
        "dropped": ("superseded", "rejected"),
        "counted": ("generated", "pending_review", "approved", "handed_over"),
    },
)


NO_APPROVAL: dict[str, Any] = {"approved_by": None, "approved_at": None, "approved_hash": "", "approval_rule": None}
"""The columns of an approval, empty."""


class DraftQuerySet(models.QuerySet["Draft"]):
    """Named sets of drafts."""

    def undecided(self) -> DraftQuerySet:
        """Those that wait for a person's or a rule's word."""
        return self.filter(state__in=DRAFT.undecided)

    def to_review(self) -> DraftQuerySet:
        """Those that wait for a person."""
        return self.filter(state=DRAFT.PENDING_REVIEW)

    def final(self) -> DraftQuerySet:
        """Approved, or handed over to the outbox."""
        return self.filter(state__in=DRAFT.final)

    def current(self) -> DraftQuerySet:
        """All but those that another text has replaced."""
        return self.exclude(state=DRAFT.SUPERSEDED)


class Draft(Dated):
    """One variant of one step for one candidate. What follows a hand-over is its message's state, never a copy of it.

    `version` counts edits: saving over a newer version is refused and shows both texts.
    Erasure: subject and body (also the generated ones) are blanked.
    """

    candidate = models.ForeignKey("campaigns.Candidate", on_delete=models.PROTECT, related_name="drafts")
    step = models.ForeignKey("steps.Step", on_delete=models.PROTECT, related_name="drafts")
    variant = models.TextField()
    language = models.TextField()
    state = models.TextField(choices=DRAFT.choices, default=DRAFT.initial)
    subject = models.TextField(blank=True)
    body = models.TextField()
    generated_subject = models.TextField(blank=True)
    generated_body = models.TextField()
    version = models.PositiveIntegerField(default=1)
    content_hash = models.TextField()
    facts = models.JSONField(default=list, help_text="Facts used by the text, for the reviewer")
    interaction = models.ForeignKey("llm.Interaction", on_delete=models.PROTECT, related_name="drafts")
    risk = models.FloatField(null=True, blank=True, help_text="0 (none) to 1")
    quality = models.FloatField(null=True, blank=True, help_text="0 to 1")
    flags = models.JSONField(default=list)
    judgement = models.JSONField(
        default=dict, help_text="What the judge said of the generated text: quality, risk, reasons, judge, version"
    )
    edited_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    approved_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_hash = models.TextField(blank=True)
    approval_rule = models.ForeignKey(
        "drafts.ApprovalRule", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    message = models.OneToOneField(
        "conversations.Message", null=True, blank=True, on_delete=models.PROTECT, related_name="draft"
    )
    """The message that it was handed over as: what tells the candidate, step and variant of a message."""

    pattern = models.TextField(blank=True, help_text="The same for texts that differ in filled-in values only")
    stands_alone = models.BooleanField(default=False, help_text="Flagged, edited, or an odd value: read by itself")
    reviewer = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decision = models.ForeignKey(
        "drafts.Decision",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="drafts",
        help_text="The latest word of a reviewer on it, alone or with others",
    )

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            DRAFT.constraint(),
            models.UniqueConstraint(
                fields=["candidate", "step", "variant"],
                condition=~models.Q(state=DRAFT.SUPERSEDED),
                name="draft_variant_once",
            ),
            models.UniqueConstraint(
                fields=["candidate", "step"],
                condition=models.Q(state__in=DRAFT.final),
                name="draft_one_approved",
            ),
        ]
        indexes = [
            models.Index(fields=["step", "state", "candidate"], name="draft_step_state"),
            models.Index(fields=["state", "id"], name="draft_state"),
            models.Index(
                fields=["step", "candidate", "variant"],
                include=["id", "pattern", "stands_alone", "risk"],
                condition=models.Q(state=DRAFT.PENDING_REVIEW),
                name="draft_stack",  # the review stack is read from it alone, in its order
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} · {self.variant}"

    is_final = DRAFT.predicate(*DRAFT.final)
    is_generated = DRAFT.predicate("generated")
    is_approved = DRAFT.predicate("approved")
    is_rejected = DRAFT.predicate("rejected")
    is_handed_over = DRAFT.predicate("handed_over")
    is_superseded = DRAFT.predicate("superseded")
    """Another text or another variant has taken its place."""
    is_undecided = DRAFT.predicate(*DRAFT.undecided)
    is_decided = DRAFT.predicate(*DRAFT.decided)

    @property
    def values(self) -> dict[str, str]:
        """What was filled in, by name."""
        return likeness.values_of(self.facts)

    def take_report(self, report: Report) -> None:
        """Set what the rules found, which texts it is like, and whether a person reads it by itself; the caller saves.

        A text that a person edited keeps the pattern that it came from.
        """
        self.risk, self.quality = report.risk, report.quality
        self.flags = [flag.as_json() for flag in report.flags]
        if self.edited_by_id is None:
            self.pattern = likeness.key_of(
                variant=self.variant, language=self.language, subject=self.subject, body=self.body, values=self.values
            )
        self.stands_alone = bool(self.flags) or self.edited_by_id is not None or bool(self.odd_values())

    def odd_values(self) -> list[str]:
        """Names of the values that do not look like what they should be."""
        return [
            name
            for name, value in self.values.items()
            if likeness.is_odd(name, value) or not likeness.fits(self.language, value)
        ]


class Decision(models.Model):
    """One word of a reviewer, on one draft or on many at once, so that it can be taken back. Holds no text."""

    class Verb(models.TextChoices):
        APPROVE = "approve", _("Approve")
        REJECT = "reject", _("Reject")
        EXCLUDE = "exclude", _("Exclude")

    user = models.ForeignKey("access.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    verb = models.TextField(choices=Verb.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [one_of("verb", ("approve", "reject", "exclude"))]
        indexes = [models.Index(fields=["user", "-id"], condition=models.Q(undone_at=None), name="draft_decision_user")]


class Revision(models.Model):
    """An earlier text of a draft, or one proposed for it: nothing written is ever lost. Append-only.

    Erasure: subject and body are blanked with the draft's.
    """

    class Kind(models.TextChoices):
        PREVIOUS = "previous", _("Replaced")
        PROPOSED = "proposed", _("Proposed")

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="revisions")
    kind = models.TextField(choices=Kind.choices)
    version = models.PositiveIntegerField(help_text="The draft version this text was, or was proposed for")
    subject = models.TextField(blank=True)
    body = models.TextField()
    reason = models.TextField(blank=True, help_text="edit, formal, casual, shorter, regenerate")
    interaction = models.ForeignKey(
        "llm.Interaction", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When a proposal was accepted or dismissed")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [one_of("kind", ("previous", "proposed"))]
        indexes = [models.Index(fields=["draft", "-id"], name="draft_revision_draft")]


class Comparison(models.Model):
    """What a judge said of two versions of a text to one person, in both orders, and which one people preferred.

    The first is the draft as it was generated; the second is that draft as a person edited it, or `other`, another
    variant for the same person and step. Words name places: in `backward` the second text stood in front.
    Erasure: the reasons are blanked with the draft's text.
    """

    class Word(models.TextChoices):
        FIRST = "first", _("the first")
        SECOND = "second", _("the second")
        SAME = "same", _("neither")

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="comparisons")
    other = models.ForeignKey(Draft, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(help_text="The draft's version that was compared, where a person edited it")
    judge = models.TextField()
    forward = models.TextField(choices=Word)
    backward = models.TextField(choices=Word)
    reasons = SentencesField(default=list, help_text="Why, in each order")
    person = models.TextField(choices=Word, blank=True, help_text="Which one people preferred, as far as they said")
    trace = models.ForeignKey("llm.Trace", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            one_of("forward", ("first", "second", "same")),
            one_of("backward", ("first", "second", "same")),
            one_of("person", ("", "first", "second", "same")),
            models.UniqueConstraint(
                fields=["draft", "other", "version", "judge"], nulls_distinct=False, name="comparison_once"
            ),
        ]
        indexes = [models.Index(fields=["judge", "-id"], name="comparison_judge")]

    def __str__(self) -> str:
        return f"{self.draft} · {self.judge}"


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

    class Meta:
        constraints = [one_of("action", ("approve", "review"))]

    def __str__(self) -> str:
        return self.name
