"""What was found out about the domains of recipients."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.deliverability.mail_providers import OTHER, PROVIDERS


class MailDomain(models.Model):
    """A domain that we write to and the mail provider behind its MX. Filled outside of the sending path.

    Erasure: a domain names no person; the row stays.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Not looked up yet")
        FOUND = "found", _("Takes mail")
        NO_MAIL = "no_mail", _("Takes no mail")
        UNKNOWN = "unknown", _("No answer")

    domain = models.TextField(primary_key=True, db_collation="C")
    provider = models.TextField(default=OTHER, choices=[(name, name) for name in PROVIDERS])
    status = models.TextField(choices=Status.choices, default=Status.WAITING)
    mx = ArrayField(models.TextField(), default=list, blank=True)
    detail = models.TextField(blank=True)
    looked_up_at = models.DateTimeField(null=True, blank=True)
    next_look_at = models.DateTimeField(null=True, blank=True, help_text="Due for a look from here on")

    class Meta:
        indexes = [models.Index(fields=["next_look_at"], name="maildomain_due")]

    def __str__(self) -> str:
        return self.domain
