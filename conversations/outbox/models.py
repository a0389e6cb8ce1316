"""Streams: the pausable lanes that messages are planned into."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.models import Dated
from outreach.core.states import State, StateMachine

_STAFF = ("reviewer", "operator", "administrator")

STREAM = StateMachine(
    name="stream",
    initial="paused",
    states={
        "active": State(_("Active"), to=("paused", "closed"), colour="green", roles=_STAFF),
        "paused": State(_("Paused"), to=("active", "closed"), colour="amber", roles=_STAFF),
        "closed": State(_("Closed"), colour="grey", roles=_STAFF),
    },
    sets={"open": ("active", "paused")},
)


BY_HAND = 100
"""The priority of what a person writes: above all campaigns, because somebody is waiting."""


class Stream(Dated):
    """A lane of planned messages with its own pause, cap and window. Each campaign has one; manual replies share one."""

    name = models.TextField()
    state = models.TextField(choices=STREAM.choices, default=STREAM.initial)
    priority = models.SmallIntegerField(default=0)
    daily_cap = models.PositiveIntegerField(null=True, blank=True)
    window = models.JSONField(
        default=dict,
        blank=True,
        help_text="{days: [0…6], start: '09:00', end: '17:00'} in the recipient's time; empty: any time",
    )
    is_stopped_by_reply = models.BooleanField(default=True)
    is_unsolicited = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Nobody asked for its messages: e-mails carry a postal address and a way to opt out",
    )
    tracks_opens = models.BooleanField(
        _("count opens"),
        default=False,
        db_default=False,
        help_text="A one-pixel image in the HTML; off for cold mail",
    )
    tracks_clicks = models.BooleanField(
        _("count clicks"), default=False, db_default=False, help_text="Links in the HTML go through our address"
    )
    skips_holidays = models.BooleanField(default=False, help_text="Nothing is sent on the recipient's public holidays")

    class Meta:
        constraints = [STREAM.constraint()]

    def __str__(self) -> str:
        return self.name

    is_active = STREAM.predicate("active")
    is_closed = STREAM.predicate("closed")
