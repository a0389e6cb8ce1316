"""Saved reports, links to them, and their schedules."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from outreach.core import secrets
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import one_of


class SavedReportQuerySet(models.QuerySet["SavedReport"]):
    """Named sets of saved reports."""

    def visible_to(self, user_id: int) -> SavedReportQuerySet:
        """One's own, and those that are for everyone."""
        return self.filter(Q(owner=user_id) | Q(is_for_everyone=True))


class SavedReport(Dated):
    """A report's parameters under a name. Holds no number: a report is always of the present."""

    owner = models.ForeignKey("access.User", on_delete=models.CASCADE, related_name="saved_reports")
    name = models.CharField(_("name"), max_length=100)
    query = models.TextField(blank=True, help_text="The report's parameters as in its address")
    time_zone = models.TextField(help_text="In whose days it counts: the owner's")
    is_for_everyone = models.BooleanField(_("everyone in the team sees it"), default=False)

    objects = SavedReportQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_report_once")]

    def __str__(self) -> str:
        return self.name


class LinkQuerySet(models.QuerySet["ReportLink"]):
    """Named sets of links."""

    def open(self, now: datetime) -> LinkQuerySet:
        """Neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=now)


class ReportLink(Dated):
    """An address under which anyone may read a report until it expires. Only its digest is kept."""

    report = models.ForeignKey(SavedReport, on_delete=models.CASCADE, related_name="links")
    digest = models.TextField(unique=True, editable=False)
    created_by = models.ForeignKey("access.User", null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="When it was opened last")
    opened_count = models.PositiveIntegerField(default=0)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.report} until {self.expires_at:%Y-%m-%d}"


class Frequency(models.TextChoices):
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every Monday")
    MONTHLY = "monthly", _("On the first of each month")


class ReportSchedule(Dated):
    """A report that is sent by itself, by e-mail or to a Slack channel."""

    report = models.ForeignKey(SavedReport, on_delete=models.CASCADE, related_name="schedules")
    frequency = models.TextField(_("how often"), choices=Frequency.choices, default=Frequency.WEEKLY)
    hour = models.PositiveSmallIntegerField(_("at"), default=8, help_text="Local hour, in the report's zone")
    recipients = models.JSONField(_("to"), default=list, blank=True, help_text="E-mail addresses")
    slack_token = models.TextField(blank=True, editable=False, help_text="The incoming webhook's address, encrypted")
    next_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = SentenceField(blank=True, help_text="Why it could not be sent last")

    class Meta:
        ordering = ["pk"]
        constraints = [
            one_of("frequency", Frequency.values),
            models.CheckConstraint(condition=Q(hour__lte=23), name="report_schedule_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.report} · {self.get_frequency_display()}"

    @property
    def slack_url(self) -> str:
        """The channel's address; empty without one. Raises `Permanent` when the key that encrypted it is gone."""
        return str(secrets.decrypt(self.slack_token)) if self.slack_token else ""
