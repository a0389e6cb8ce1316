"""What was found out about domains: those that we write to, and our own."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.senders.deliverability import advice
from conversations.senders.deliverability.authentication import Verdict
from conversations.senders.deliverability.mail_providers import OTHER, PROVIDERS
from outreach.core.sentences import SentenceField


class MailDomain(models.Model):
    """A domain that we write to and the mail provider behind its MX. Filled outside of the sending path.

    Erasure: a domain names no person; the row stays.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Not looked up yet")
        FOUND = "found", _("Accepts mail")
        NO_MAIL = "no_mail", _("Doesn't accept mail")
        UNKNOWN = "unknown", _("No answer")

    domain = models.TextField(primary_key=True, db_collation="C")
    provider = models.TextField(default=OTHER, choices=[(name, name) for name in PROVIDERS])
    status = models.TextField(choices=Status.choices, default=Status.WAITING)
    mx = ArrayField(models.TextField(), default=list, blank=True)
    detail = models.TextField(blank=True)
    looked_up_at = models.DateTimeField(null=True, blank=True)
    next_look_at = models.DateTimeField(null=True, blank=True, help_text="Due to be checked from this time")

    class Meta:
        indexes = [models.Index(fields=["next_look_at"], name="maildomain_due")]

    def __str__(self) -> str:
        return self.domain


class DomainCheck(models.Model):
    """The last result of one check of a sending domain (with one DKIM selector), and since when.

    Erasure: a domain names no person; the row stays.
    """

    class Result(models.TextChoices):
        PASS = Verdict.PASS.value, _("Pass")
        WARN = Verdict.WARN.value, _("Warning")
        FAIL = Verdict.FAIL.value, _("Fail")
        UNKNOWN = Verdict.UNKNOWN.value, _("Unknown")

    COLOURS = {"pass": "green", "warn": "amber", "fail": "red", "unknown": "grey"}

    domain = models.TextField(db_collation="C")
    selector = models.TextField(blank=True, db_collation="C")
    check_name = models.TextField()
    verdict = models.TextField(choices=Result.choices)
    code = models.TextField()
    evidence = SentenceField(blank=True)
    checked_at = models.DateTimeField()
    passed_at = models.DateTimeField(null=True, blank=True, help_text="When it last did not fail")
    failing_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["domain", "selector", "check_name"], name="domain_check_once"),
        ]

    def __str__(self) -> str:
        return f"{self.domain}: {self.label}"

    @property
    def label(self) -> str:
        return advice.label(self.check_name)

    @property
    def advice(self) -> str:
        return str(advice.ADVICE[self.code])

    @property
    def colour(self) -> str:
        return self.COLOURS[self.verdict]
