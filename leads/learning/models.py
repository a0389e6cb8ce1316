"""Measurements of histories and of policies."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core import words
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import one_of


class MeasurementKind(models.TextChoices):
    """What is measured."""

    EVALUATION = "evaluation", _("How well outcomes can be predicted")
    SIMULATION = "simulation", _("What each policy would have won")
    LABELS = "labels", _("What asking for the right labels is worth")


class Measurement(Dated):
    """One measurement and its figures. `content` is the uploaded file until it was measured.

    Erasure: figures and names of columns stay, they name no one; the file is emptied by the job that measures it.
    """

    Kind = MeasurementKind

    kind = models.TextField(choices=MeasurementKind.choices)
    name = SentenceField(help_text="The file, or the generated world")
    options = models.JSONField(default=dict, help_text="target, time, exclude, text; or world, seed")
    content = models.BinaryField(null=True)
    result = models.JSONField(default=dict)
    problem = SentenceField(blank=True)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ["-id"]
        constraints = [one_of("kind", MeasurementKind.choices)]

    def __str__(self) -> str:
        return self.name

    @property
    def is_simulation(self) -> bool:
        return self.kind == MeasurementKind.SIMULATION

    @property
    def is_evaluation(self) -> bool:
        return self.kind == MeasurementKind.EVALUATION

    @property
    def is_busy(self) -> bool:
        """Whether its figures are still to come."""
        return not self.result and not self.problem

    @property
    def report(self) -> dict[str, Any]:
        """The figures, their sentences in the reader's language."""
        return dict(words.within(self.result, words.read))


class Agent(Dated):
    """The Q-learning agent of one brief. Its table follows from its experiences in their order."""

    brief = models.OneToOneField("qualification.Brief", on_delete=models.CASCADE, related_name="agent")
    epsilon = models.FloatField(default=1.0, help_text="Share of random choices")
    learned_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("Q-learning agent")
        verbose_name_plural = _("Q-learning agents")

    def __str__(self) -> str:
        return str(self.brief)


class Sampler(Dated):
    """The Thompson sampler of one brief, and how both policies measure: it follows from the agent's experiences."""

    brief = models.OneToOneField("qualification.Brief", on_delete=models.CASCADE, related_name="sampler")
    mean = models.JSONField(help_text="Weights: the constant, then a weight for each step of each feature")
    precision = models.JSONField(help_text="Their precision matrix")
    experience_count = models.PositiveIntegerField(help_text="Experiences of the agent when it learned")
    success_count = models.PositiveIntegerField(default=0)
    measures = models.JSONField(default=dict, help_text="Policy → AUC on experiences not learned from yet")

    class Meta:
        verbose_name = _("Thompson sampler")
        verbose_name_plural = _("Thompson samplers")

    def __str__(self) -> str:
        return str(self.brief)


class AgentState(models.Model):
    """One state of an agent: five features, the value of each action, and how often it was met."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="states")
    features = models.JSONField(help_text="Feature → step")
    q_values = models.JSONField(help_text="Action → value")
    visit_count = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("state of an agent")
        verbose_name_plural = _("states of agents")
        constraints = [models.UniqueConstraint(fields=["agent", "features"], name="agent_state_once")]

    def __str__(self) -> str:
        return ", ".join(str(value) for value in self.features.values())


class Signal(models.TextChoices):
    """What feedback an experience brought."""

    USER_APPROVED = "user_approved", _("Approved by a person")
    USER_REJECTED = "user_rejected", _("Rejected by a person")
    GOT_INTERVIEW = "got_interview", _("Positive reply or booking")
    NO_RESPONSE = "no_response", _("No answer")


class Experience(models.Model):
    """One decision about a lead and the feedback on it. Append-only.

    Erasure: the reference to the lead is emptied; steps of features name no one.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="experiences")
    lead = models.ForeignKey("leads.Lead", null=True, on_delete=models.SET_NULL, related_name="+")
    features = models.JSONField(help_text="Feature → step, as on the day of the feedback")
    action = models.TextField(help_text="What was done with the lead")
    signal = models.TextField(choices=Signal.choices)
    reward = models.FloatField()
    key = models.TextField(help_text="What it came of: the same event counts once")
    is_learned = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("experience")
        verbose_name_plural = _("experiences")
        ordering = ["-id"]
        constraints = [
            one_of("signal", Signal.choices),
            models.UniqueConstraint(fields=["agent", "key"], name="experience_once"),
        ]
        indexes = [models.Index(fields=["agent", "-id"], name="experience_newest")]

    def __str__(self) -> str:
        return f"{self.action} · {self.signal}"
