"""Experiments, their arms, and who was given to which."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.arms.factors import CHOICES, FACTORS
from campaigns.models import OutcomeKind
from outreach.access.roles import Role, at_least
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import State, StateMachine, one_of

_OPERATE = at_least(Role.OPERATOR)

EXPERIMENT = StateMachine(
    name="experiment",
    initial="planned",
    states={
        "planned": State(_("Planned"), to=("running", "stopped"), colour="grey", roles=_OPERATE),
        "running": State(_("Running"), to=("decided", "stopped"), colour="blue", roles=_OPERATE),
        "decided": State(_("Decided"), to=("stopped",), colour="green", roles=_OPERATE),
        "stopped": State(_("Stopped"), colour="grey", roles=_OPERATE),
    },
    sets={"started": ("running", "decided", "stopped"), "open": ("planned", "running", "decided")},
)


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    """Named sets of experiments."""

    def running(self) -> ExperimentQuerySet:
        """People are given to arms."""
        return self.filter(state=EXPERIMENT.RUNNING)

    def started(self) -> ExperimentQuerySet:
        """Those that gave, or may have given, people to arms."""
        return self.filter(state__in=EXPERIMENT.started)

    def decided(self) -> ExperimentQuerySet:
        """Everyone else gets the winner."""
        return self.filter(state=EXPERIMENT.DECIDED)


class Experiment(Dated):
    """A comparison at one step's message. What is wanted is fixed before the first person is given to an arm.

    `spread` and `alpha` make the test that was planned with; see `campaigns.experiments.sequential`.
    """

    class Metric(models.TextChoices):
        REPLIED = OutcomeKind.REPLIED.value, _("Replies")
        POSITIVE = OutcomeKind.POSITIVE.value, _("Positive replies")
        BOOKED = OutcomeKind.BOOKED.value, _("Booked calls")

    class Unit(models.TextChoices):
        PERSON = "person", _("Each person")
        COMPANY = "company", _("Everyone at a company alike")

    class Mode(models.TextChoices):
        FIXED = "fixed", _("Equal parts to the end")
        THOMPSON = "thompson", _("More and more to what works (Thompson)")

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="experiments")
    step = models.ForeignKey("steps.Step", on_delete=models.CASCADE, related_name="experiments")
    name = models.TextField(_("name"))
    state = models.TextField(choices=EXPERIMENT.choices, default=EXPERIMENT.initial)
    factor = models.TextField(_("what differs"), choices=CHOICES, default="variant")
    metric = models.TextField(_("what counts"), choices=Metric.choices, default=Metric.REPLIED)
    unit = models.TextField(_("who gets the same"), choices=Unit.choices, default=Unit.PERSON)
    mode = models.TextField(_("how people are divided"), choices=Mode.choices, default=Mode.FIXED)
    base_rate = models.FloatField(_("rate today"), validators=[MinValueValidator(0.0001), MaxValueValidator(0.9)])
    ratio = models.FloatField(
        _("difference that matters"), help_text="1.5: half as many again", validators=[MinValueValidator(1.01)]
    )
    alpha = models.FloatField(default=0.05, help_text="Highest probability to declare a difference where there is none")
    power = models.FloatField(default=0.8, help_text="Probability to see the difference that matters")
    spread = models.FloatField(help_text="Of the mixture that the evidence is made with")
    needed = models.PositiveIntegerField(help_text="People in all arms together, as planned")
    takes_winner = models.BooleanField(
        _("use the winner for everyone else as soon as it is certain"),
        default=False,
        help_text=_("Drafts that are already approved stay as they are."),
    )
    winner = models.ForeignKey("arms.Arm", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = SentenceField(blank=True, help_text="Why it ended")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            EXPERIMENT.constraint(),
            one_of("factor", tuple(FACTORS)),
            one_of("metric", ("replied", "positive", "booked")),
            one_of("unit", ("person", "company")),
            one_of("mode", ("fixed", "thompson")),
            models.UniqueConstraint(
                fields=["step"], condition=models.Q(state__in=EXPERIMENT.open), name="experiment_one_open_a_step"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    is_planned = EXPERIMENT.predicate("planned")
    is_running = EXPERIMENT.predicate("running")
    is_decided = EXPERIMENT.predicate("decided")
    is_stopped = EXPERIMENT.predicate("stopped")
    is_open = EXPERIMENT.predicate(*EXPERIMENT.open)

    @property
    def colour(self) -> str:
        """The badge's colour."""
        return EXPERIMENT.states[self.state].colour


class Arm(models.Model):
    """What some of the people get. Two arms with the same value make an A/A test."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="arms")
    number = models.PositiveSmallIntegerField()
    name = models.TextField()
    value = models.TextField(help_text="Of the experiment's factor: see `campaigns.arms.factors`")
    share = models.FloatField(help_text="Part of the people who are given to an arm next; Thompson changes it")

    class Meta:
        ordering = ["experiment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="arm_once"),
            models.CheckConstraint(condition=models.Q(share__gte=0, share__lte=1), name="arm_share_is_part"),
        ]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """A person of a campaign in an arm, for good. Erasure: stays; it names no one."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    candidate = models.ForeignKey("campaigns.Candidate", on_delete=models.CASCADE, related_name="assignments")
    arm = models.ForeignKey(Arm, on_delete=models.CASCADE, related_name="assignments")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "candidate"], name="assignment_once")]

    def __str__(self) -> str:
        return f"{self.candidate_id} · {self.arm_id}"
