"""Queue rows, visible jobs, periodic runs and heartbeats."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from outreach.access.roles import Role, at_least
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import State, StateMachine
from outreach.jobs import kinds

JOB = StateMachine(
    name="job",
    initial="queued",
    states={
        "queued": State(_("Queued"), to=("running", "cancelled"), colour="grey"),
        "running": State(_("Running"), to=("done", "failed", "cancelled", "queued"), colour="blue"),
        "done": State(_("Done"), colour="green"),
        "failed": State(_("Failed"), to=("queued",), colour="red"),
        "cancelled": State(_("Cancelled"), to=("queued",), colour="grey", roles=at_least(Role.OPERATOR)),
    },
    sets={"open": ("queued", "running"), "over": ("done", "failed", "cancelled"), "retryable": ("failed", "cancelled")},
)


class QueueItem(models.Model):
    """A wake-up in a lane. The row that it points at is the truth; losing or repeating a wake-up does no harm.

    Names and arguments are stored plainly: readable in the admin, independent of SECRET_KEY, no pickles.
    """

    lane = models.TextField()
    task = models.TextField(help_text="Dotted name of a function in a `tasks` module")
    arguments = models.JSONField(default=list)
    key = models.TextField(blank=True, help_text="A waiting item with the same key makes another one unnecessary.")
    priority = models.SmallIntegerField(default=0)
    run_at = models.DateTimeField()
    timeout_seconds = models.PositiveIntegerField(default=120)
    locked_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, help_text="Set while a worker runs it")
    holder = models.TextField(
        blank=True, db_default="", help_text="Machine, guard and number of the worker that runs it"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    is_dead = models.BooleanField(default=False)
    error = SentenceField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["lane", "-priority", "run_at", "id"], condition=models.Q(is_dead=False), name="queue_due"
            ),
            models.Index(fields=["key"], condition=~models.Q(key=""), name="queue_key"),
        ]

    def __str__(self) -> str:
        return f"{self.task} #{self.pk}"


class JobQuerySet(models.QuerySet["Job"]):
    """Named sets of jobs."""

    def open(self) -> JobQuerySet:
        """Waiting for a worker, or at work."""
        return self.filter(state__in=JOB.open)

    def about(self, subject: models.Model) -> JobQuerySet:
        """Work about one row."""
        return self.filter(subject_type=subject._meta.label, subject_id=str(subject.pk))


class Job(Dated):
    """Work that a person started and may watch: state, progress n of m, one line of outcome, run again."""

    kind = models.TextField()
    task = models.TextField(help_text="Dotted name of `def work(job: Job) -> str`.")
    arguments = models.JSONField(default=dict)
    lane = models.TextField(default="default")
    state = models.TextField(choices=JOB.choices, default=JOB.initial, db_index=True)
    subject_type = models.TextField(blank=True)
    subject_id = models.TextField(blank=True)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(null=True, blank=True)
    outcome = SentenceField(blank=True)
    error = SentenceField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    waits_until = models.DateTimeField(
        null=True, blank=True, help_text="Postponed until then, for the reason in `outcome`; goes on by itself"
    )
    started_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [JOB.constraint()]
        indexes = [models.Index(fields=["subject_type", "subject_id", "-id"], name="job_subject")]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def kind_name(self) -> str:
        return kinds.name(self.kind)

    is_queued = JOB.predicate("queued")
    is_running = JOB.predicate("running")
    is_failed = JOB.predicate("failed")
    is_retryable = JOB.predicate(*JOB.retryable)
    is_over = JOB.predicate(*JOB.over)


class PeriodicRun(models.Model):
    """One planned moment of one schedule; unique, so that it runs once on any number of machines."""

    name = models.TextField()
    planned_at = models.DateTimeField()
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = SentenceField(blank=True)
    error = SentenceField(blank=True)

    class Meta:
        ordering = ["-planned_at"]
        constraints = [models.UniqueConstraint(fields=["name", "planned_at"], name="periodic_run_once")]


class SchedulePause(models.Model):
    """A schedule that an operator has paused."""

    name = models.TextField(unique=True)
    paused_by = models.ForeignKey("access.User", null=True, on_delete=models.SET_NULL, related_name="+")
    paused_at = models.DateTimeField(auto_now_add=True)


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    """Named sets of heartbeats."""

    def silent(self, for_time: timedelta) -> HeartbeatQuerySet:
        """Without a beat for this long, by the database's clock."""
        return self.filter(beat_at__lt=Now() - for_time)


class Heartbeat(models.Model):
    """The last heartbeat of one process on one machine: a lane's cluster, the clock or the web server."""

    name = models.TextField()
    host = models.TextField()
    pid = models.IntegerField()
    beat_at = models.DateTimeField()

    objects = HeartbeatQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "host", "pid"], name="heartbeat_process")]

    def __str__(self) -> str:
        return f"{self.name} on {self.host}"
