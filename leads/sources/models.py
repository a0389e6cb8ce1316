"""Crawl jobs, the pages each has left to visit, and the raw records they produced."""

from __future__ import annotations

import zlib

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models import Lead, key_field
from outreach.access.roles import Role, at_least
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import State, StateMachine, one_of

BY_HAND = at_least(Role.OPERATOR)

CRAWL = StateMachine(
    name="crawl job",
    initial="queued",
    states={
        "queued": State(_("Queued"), to=("running", "paused", "failed", "cancelled"), colour="grey", roles=BY_HAND),
        "running": State(_("Running"), to=("queued", "paused", "done", "failed", "cancelled"), colour="blue"),
        "paused": State(_("Paused"), to=("queued", "cancelled"), colour="amber", roles=BY_HAND),
        "done": State(_("Done"), to=("queued",), colour="green"),
        "failed": State(_("Stopped"), to=("queued",), colour="red"),
        "cancelled": State(_("Cancelled"), to=("queued",), colour="grey", roles=BY_HAND),
    },
    sets={
        "open": ("queued", "running"),  # something happens by itself
        "stoppable": ("queued", "running", "paused"),
        "retryable": ("failed", "cancelled", "done"),
    },
)


class CrawlJob(Dated):
    """One order to a source: where to look, how far it got, why it stopped. `order` fields are shown and edited as they are."""

    class Priority(models.IntegerChoices):
        LOW = -5, _("Low")
        NORMAL = 0, _("Normal")
        HIGH = 5, _("High")

    name = models.TextField(_("name"))
    adapter = models.TextField()
    seeds = ArrayField(models.TextField(), default=list, blank=True)
    locations = ArrayField(models.TextField(), default=list, blank=True)
    categories = ArrayField(models.TextField(), default=list, blank=True)
    keywords = ArrayField(models.TextField(), default=list, blank=True)
    pages = models.PositiveIntegerField(_("result pages"), default=1)
    options = models.JSONField(default=dict, blank=True, help_text="Options for the adapter")
    priority = models.SmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    state = models.TextField(choices=CRAWL.choices, default=CRAWL.initial)
    reason = SentenceField(blank=True, help_text="Why it stopped or is waiting")
    reason_code = models.TextField(blank=True)
    subject_type = models.TextField(blank=True, help_text="What it was started for, such as a campaign")
    subject_id = models.TextField(blank=True)
    round = models.PositiveIntegerField(default=1, help_text="Counts the refreshes")
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    remarks = models.JSONField(default=dict, blank=True, help_text="The adapter's remarks, by count, such as layouts")
    refresh_minutes = models.PositiveIntegerField(_("refresh every (minutes)"), null=True, blank=True)
    refresh_at = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True, help_text="A worker holds it until then")
    waits_until = models.DateTimeField(null=True, blank=True, help_text="Not before this time: politeness, back-off")
    started_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [CRAWL.constraint()]
        verbose_name = _("crawl job")
        verbose_name_plural = _("crawl jobs")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "-id"], name="crawl_state"),
            models.Index(fields=["refresh_at"], condition=models.Q(refresh_at__isnull=False), name="crawl_refresh"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="crawl_subject"),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    is_queued = CRAWL.predicate("queued")
    is_running = CRAWL.predicate("running")
    is_done = CRAWL.predicate("done")
    is_failed = CRAWL.predicate("failed")


class CrawlPageState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")


class CrawlPage(models.Model):
    """One page of a job: waiting, or its result. Each address once per round.

    Erasure: the pages that an erased lead was read from lose address, id and data.
    """

    State = CrawlPageState

    job = models.ForeignKey(CrawlJob, on_delete=models.CASCADE, related_name="crawl_pages")
    url = models.TextField()
    kind = models.TextField(default="page")
    number = models.PositiveIntegerField(default=1)
    data = models.JSONField(default=dict)
    source = key_field()
    external_id = key_field()
    state = models.TextField(choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    remark = models.TextField(blank=True)
    error = SentenceField(blank=True)
    error_code = models.TextField(blank=True)
    visited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("state", CrawlPageState.choices),
            models.UniqueConstraint(fields=["job", "url"], name="crawl_page_once"),
        ]
        indexes = [models.Index(fields=["job", "state", "id"], name="crawl_page_next")]

    def __str__(self) -> str:
        return self.url

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    @property
    def is_failed(self) -> bool:
        return self.state == self.State.FAILED


class RawRecord(models.Model):
    """A source's raw bytes about one person or listing, and what was read from them.

    Erasure: the records of a lead are deleted with its data.
    """

    source = key_field()
    external_id = key_field()
    url = models.TextField(blank=True)
    media_type = models.TextField(default="text/html")
    body = models.BinaryField(help_text="Compressed by zlib")
    size = models.PositiveIntegerField(help_text="Bytes before compression")
    body_hash = key_field()
    content_hash = key_field(help_text="Hash of the fields read from it; an equal hash means nothing to enrich")
    features = models.JSONField(default=dict, blank=True)
    written = models.JSONField(
        default=dict, blank=True, help_text="What was written to the lead, to recognise later edits"
    )
    adapter = models.TextField(blank=True)
    adapter_version = models.TextField(blank=True)
    problem = SentenceField(blank=True)
    problem_code = key_field()
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="raw_records")
    job = models.ForeignKey(CrawlJob, null=True, blank=True, on_delete=models.SET_NULL, related_name="records")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True, help_text="When its features were applied")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id", "body_hash"], name="raw_record_once"),
        ]
        indexes = [
            models.Index(fields=["source", "external_id", "-last_seen_at"], name="raw_record_newest"),
            models.Index(fields=["adapter", "adapter_version", "id"], name="raw_record_version"),
            HashIndex(fields=["url"], name="raw_record_url"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"

    def content(self) -> bytes:
        """The bytes as they came."""
        return zlib.decompress(bytes(self.body))
