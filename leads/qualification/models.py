"""Briefs and verdicts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.models import Dated
from outreach.core.sentences import SentenceField, SentencesField
from outreach.core.states import one_of


class Brief(Dated):
    """What a campaign looks for, as factors and text. `content_hash` changes with either."""

    name = models.TextField(_("name"), unique=True)
    description = models.TextField(_("who we look for"), blank=True)
    factors = models.JSONField(default=dict, help_text="Weights and settings of the five factors")
    use_model = models.BooleanField(_("use a language model as judge"), default=False)
    decides_alone = models.BooleanField(_("the learner decides alone where it is sure"), default=True)
    promised_error = models.FloatField(default=0.05, help_text="Share of the learner's decisions that may be wrong")
    checked_share = models.FloatField(default=0.1, help_text="Share of them that is decided by others all the same")
    content_hash = models.TextField(editable=False)
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class BriefVersion(models.Model):
    """What a brief asked for at one time; written whenever that changes, never changed afterwards."""

    brief = models.ForeignKey(Brief, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content_hash = models.TextField(db_collation="C")
    description = models.TextField(blank=True)
    factors = models.JSONField(default=dict)
    use_model = models.BooleanField(default=False)
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of a brief")
        verbose_name_plural = _("versions of briefs")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["brief", "number"], name="brief_version_once")]

    def __str__(self) -> str:
        return f"{self.brief} v{self.number}"


class VerdictSource(models.TextChoices):
    RULES = "rules", _("Rules")
    LEARNER = "learner", _("Learner")
    LLM = "llm", _("Language model")
    PERSON = "person", _("Person")


class Verdict(models.Model):
    """The result of qualifying one lead for one brief; the newest of the strongest source counts.

    Append-only, except that a person may take the last decision back.

    Erasure: reasons, flags and factors are emptied, and what a model was asked.
    """

    Source = VerdictSource

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="verdicts")
    brief = models.ForeignKey(Brief, on_delete=models.CASCADE, related_name="verdicts")
    source = models.TextField(choices=Source.choices)
    is_qualified = models.BooleanField(null=True, help_text="Empty: not enough is known")
    score = models.FloatField(null=True, help_text="0 to 1")
    coverage = models.FloatField(null=True, help_text="Share of the weight that is known, 0 to 1")
    confidence = models.FloatField(null=True)
    grade = models.TextField(blank=True)
    reasons = SentencesField(default=list)
    flags = models.JSONField(default=list)
    factors = models.JSONField(default=dict)
    lead_hash = models.TextField()
    brief_hash = models.TextField()
    version = models.TextField(help_text="Version of the rules, or model")
    interaction = models.ForeignKey(
        "llm.Interaction", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [one_of("source", VerdictSource.choices)]
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["lead", "brief", "-id"], name="verdict_lead_brief"),
            models.Index(fields=["brief", "-id"], name="verdict_brief"),
        ]


class LabelSource(models.TextChoices):
    LABELLING = "labelling", _("Labelling page")
    REVIEW = "review", _("Review")
    API = "api", _("API")
    MODEL = "model", _("Language model")


class LabelQuerySet(models.QuerySet["Label"]):
    def in_force(self) -> LabelQuerySet:
        """Not taken back."""
        return self.filter(withdrawn_at=None)


class Label(models.Model):
    """A person's or a model's yes or no about a lead for a brief: what the learner learns from, never a pipeline state.

    Of several about one lead the newest of a person counts, else the newest of a model.
    Erasure: deleted.
    """

    Source = LabelSource

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="labels")
    brief = models.ForeignKey(Brief, on_delete=models.CASCADE, related_name="labels")
    is_positive = models.BooleanField(_("fits"))
    source = models.TextField(choices=Source.choices)
    reason = SentenceField(_("reason"), blank=True)
    given_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    verdict = models.ForeignKey(Verdict, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="When it was taken back")

    objects = LabelQuerySet.as_manager()

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [one_of("source", LabelSource.choices)]
        ordering = ["-id"]
        indexes = [models.Index(fields=["brief", "id"], condition=models.Q(withdrawn_at=None), name="label_in_force")]

    def __str__(self) -> str:
        return f"#{self.lead_id}: {'yes' if self.is_positive else 'no'}"


class LearnerState(Dated):
    """What a brief's learner concluded from its labels: a cache of them, computed again whenever `fingerprint` differs."""

    brief = models.OneToOneField(Brief, on_delete=models.CASCADE, related_name="learner")
    version = models.PositiveIntegerField(default=0)
    fingerprint = models.TextField(blank=True, db_collation="C", help_text="Hash of the labels and their vectors")
    label_count = models.PositiveIntegerField(default=0)
    positive_count = models.PositiveIntegerField(default=0)
    points = models.JSONField(default=list, help_text="The learning curve")
    yes_from = models.FloatField(null=True, help_text="It says yes alone from this probability on; empty: never")
    no_to = models.FloatField(null=True, help_text="It says no alone up to this probability; empty: never")

    class Meta:
        verbose_name = _("learner")
        verbose_name_plural = _("learners")

    def __str__(self) -> str:
        return f"{self.brief} v{self.version}"

    def answer(self, probability: float) -> bool | None:
        """What the learner would decide alone; None: it is not sure."""
        if self.yes_from is not None and probability >= self.yes_from:
            return True
        return False if self.no_to is not None and probability <= self.no_to else None


class LearnerCheck(models.Model):
    """A decision that the learner was sure of and that a person or a model made all the same: its measured error.

    Erasure: stays; two answers and a number, about a lead that no longer says who it was.
    """

    brief = models.ForeignKey(Brief, on_delete=models.CASCADE, related_name="checks")
    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    probability = models.FloatField()
    said = models.BooleanField(help_text="What the learner would have decided")
    answer = models.BooleanField(null=True, help_text="What was decided instead; empty: not yet")
    is_by_person = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("check of the learner")
        verbose_name_plural = _("checks of the learner")
        constraints = [models.UniqueConstraint(fields=["brief", "lead"], name="learner_check_once")]
        indexes = [models.Index(fields=["brief", "-id"], name="learner_check_brief")]

    def __str__(self) -> str:
        return f"#{self.lead_id}: {self.probability:.2f}"


class FeedbackAction(models.TextChoices):
    APPROVED = "user_approved", _("Approved")
    REJECTED = "user_rejected", _("Rejected")
    REPLIED = "got_reply", _("Replied")
    INTERVIEW = "got_interview", _("Had a call")
    NO_RESPONSE = "no_response", _("No answer")


class Feedback(models.Model):
    """What someone told about a lead over the API, with its reward. Append-only.

    Erasure: deleted.
    """

    Action = FeedbackAction

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="feedback")
    brief = models.ForeignKey(Brief, on_delete=models.CASCADE, related_name="feedback")
    action = models.TextField(choices=Action.choices)
    reward = models.FloatField()
    metadata = models.JSONField(default=dict)
    given_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [one_of("action", FeedbackAction.choices)]
        indexes = [models.Index(fields=["brief", "-id"], name="feedback_brief")]

    def __str__(self) -> str:
        return f"#{self.lead_id}: {self.action}"
