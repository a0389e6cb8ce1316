"""Booked calls, and the booking pages that tell of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core import secrets
from outreach.core.models import Dated
from outreach.core.states import State, StateMachine, one_of

BOOKING = StateMachine(
    name="booking",
    initial="booked",
    states={
        "booked": State(_("Booked"), to=("held", "no_show", "cancelled"), colour="green"),
        "held": State(_("Held"), to=("no_show", "cancelled"), colour="green"),
        "no_show": State(_("Didn't come"), to=("held", "cancelled"), colour="amber"),
        "cancelled": State(_("Cancelled"), colour="grey"),
    },
    sets={"on": ("booked", "held")},
)
"""`on`: the call will take place or did."""


class BookingProvider(models.TextChoices):
    CALCOM = "calcom", "Cal.com"
    CALENDLY = "calendly", "Calendly"


class BookingPage(Dated):
    """An account at a booking page that tells us of its calls. The secret is kept encrypted."""

    Provider = BookingProvider

    name = models.CharField(_("name"), max_length=100, unique=True)
    provider = models.TextField(_("provider"), choices=BookingProvider.choices)
    secret_token = models.TextField(editable=False)
    last_event_at = models.DateTimeField(_("last event"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [one_of("provider", BookingProvider.choices)]
        verbose_name = _("booking page")
        verbose_name_plural = _("booking pages")

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """Raises `Permanent` when the SECRET_KEY that encrypted it is gone."""
        return str(secrets.decrypt(self.secret_token))


class Booking(Dated):
    """One call with one person. Erasure: name, address, title and reason are blanked; times and state stay."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="bookings", db_index=False
    )
    source = models.TextField(help_text="The provider of a booking page, or calendar for an answered invitation")
    external_id = models.TextField(help_text="The call's id at its source; the newest one of a call that moved")
    state = models.TextField(choices=BOOKING.choices, default=BOOKING.initial)
    title = models.TextField(blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    name = models.TextField(blank=True)
    address = models.TextField(blank=True)
    time_zone = models.TextField(blank=True, help_text="Of the person, IANA name")
    reason = models.TextField(blank=True, help_text="Why it was cancelled, in their words")

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            BOOKING.constraint(),
            models.UniqueConstraint(fields=["source", "external_id"], name="booking_once"),
        ]
        indexes = [models.Index(fields=["conversation", "-starts_at"], name="booking_conversation")]

    def __str__(self) -> str:
        return f"{self.title or 'call'} #{self.pk}"
