"""Sending accounts."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.channels import registry
from leads.models import Channel
from outreach.access.roles import Role, at_least
from outreach.core import secrets
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import State, StateMachine, one_of

_STAFF = at_least(Role.OPERATOR)

SENDER = StateMachine(
    name="sender",
    initial="unverified",
    states={
        "unverified": State(_("Not verified"), to=("active", "stopped"), colour="amber"),
        "active": State(_("Active"), to=("paused", "draining", "stopped", "unverified"), colour="green", roles=_STAFF),
        "paused": State(_("Paused"), to=("active", "draining", "stopped", "unverified"), colour="amber", roles=_STAFF),
        "draining": State(
            _("Stopping after its queue"), to=("active", "paused", "stopped", "unverified"), colour="blue", roles=_STAFF
        ),
        "stopped": State(_("Stopped"), to=("active", "unverified"), colour="red", roles=_STAFF),
    },
    sets={
        "sending": ("active", "draining"),  # what is planned leaves; a draining sender takes no new leads
        "unread": ("unverified", "stopped"),
        "kept": ("active", "paused", "unverified"),  # a lead keeps its sender
    },
)


class SenderQuerySet(models.QuerySet["Sender"]):
    """Named sets of senders."""

    def active(self) -> SenderQuerySet:
        """Those that take new leads."""
        return self.filter(state=SENDER.ACTIVE)

    def sending(self) -> SenderQuerySet:
        """Those from which what is planned leaves."""
        return self.filter(state__in=SENDER.sending)


class Sender(Dated):
    """An account that messages leave from: a mailbox, a phone number, a login. Credentials are encrypted."""

    name = models.TextField(_("name"), unique=True)
    channel = models.TextField(_("channel"), choices=Channel.choices)
    adapter = models.TextField(_("adapter"), help_text="smtp, twilio, …")
    address = models.TextField(_("address"), help_text=_("From address or phone number"))
    display_name = models.TextField(_("display name"), blank=True)
    signature = models.TextField(_("signature"), blank=True)
    settings = models.JSONField(default=dict, blank=True, help_text="Hosts, ports, security; no secrets")
    credentials_token = models.TextField(blank=True, editable=False)
    state = models.TextField(choices=SENDER.choices, default=SENDER.initial)
    state_reason = SentenceField(blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    hourly_cap = models.PositiveIntegerField(_("messages an hour"), default=20)
    daily_cap = models.PositiveIntegerField(_("messages in 24 hours"), default=50)
    weekly_cap = models.PositiveIntegerField(_("messages in 7 days"), default=250)
    gap_seconds = models.PositiveIntegerField(_("seconds between messages"), default=0)
    gap_jitter_percent = models.PositiveSmallIntegerField(
        _("random extra gap, up to, in percent"),
        default=0,
        help_text=_("No two gaps are alike."),
    )
    warmup_start = models.PositiveIntegerField(
        _("messages on the first day"), null=True, blank=True, help_text=_("Empty: no warm-up")
    )
    warmup_step = models.PositiveIntegerField(_("more after each used day"), default=2)
    warmup_ceiling = models.PositiveIntegerField(
        _("messages on a warm day"), null=True, blank=True, help_text=_("Empty: the 24-hour cap")
    )
    has_workday = models.BooleanField(
        _("human-like schedule"),
        default=False,
        help_text=_("Start, lunch, end and gaps differ from day to day, within the working hours."),
    )
    group_limits = models.JSONField(
        default=dict, blank=True, help_text="Messages an hour to one mail provider: {google: 20}"
    )
    time_zone = models.TextField(_("time zone"), default="UTC")
    working_hours = models.JSONField(
        default=dict, blank=True, help_text="{days: [0…6], start: '09:00', end: '17:00'}; empty: always"
    )
    tags = ArrayField(models.TextField(), default=list, blank=True)
    health = models.JSONField(default=dict, blank=True, editable=False, help_text="Seven-day figures and the factor")
    health_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Assessed from this time; set when a person reactivates it"
    )
    tested_at = models.DateTimeField(null=True, blank=True, help_text=_("When a real test message was accepted"))
    tested_address = models.TextField(blank=True)
    last_polled_at = models.DateTimeField(null=True, blank=True, help_text=_("Last time the mailbox was read"))
    last_poll_error = SentenceField(blank=True)

    objects = SenderQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [SENDER.constraint(), one_of("channel", Channel.choices)]

    def __str__(self) -> str:
        return self.name

    is_active = SENDER.predicate("active")
    is_draining = SENDER.predicate("draining")
    is_stopped = SENDER.predicate("stopped")
    is_sending = SENDER.predicate(*SENDER.sending)
    is_kept = SENDER.predicate(*SENDER.kept)

    @property
    def is_simulated(self) -> bool:
        """Whether it reaches reserved addresses, and nothing else."""
        return self.adapter in registry.simulated()

    @property
    def credentials(self) -> dict[str, Any]:
        """Decrypted credentials. Raises `Permanent` when the SECRET_KEY that encrypted them is gone."""
        return dict(secrets.decrypt(self.credentials_token)) if self.credentials_token else {}

    def set_credentials(self, credentials: dict[str, Any]) -> None:
        """Encrypt; the caller saves."""
        self.credentials_token = secrets.encrypt(credentials) if credentials else ""
