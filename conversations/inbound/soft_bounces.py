"""Soft bounces are counted and forgiven.

One says little: the mailbox was full, the server was down. When an address keeps returning mail and shows no sign of
life in between, writing on only hurts the sender's reputation, and the address is suppressed. Trouble with our domain,
rate or content says nothing about the address and does not count.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from conversations.consent.models import Suppression
from conversations.consent.services import Target, suppress
from conversations.models import MESSAGE, Message
from conversations.reading.reasons import Reason
from conversations.replies import consequences
from leads.models import Channel
from outreach.core.models import Actor
from outreach.core.words import ngettext

ABOUT_US = frozenset({Reason.POLICY, Reason.CONTENT})
QUIET_DAYS = timedelta(days=3)
"""A message that has not come back for so long is taken for delivered: servers give up after two to five days."""
LOOKED_AT = 50
"""The latest messages to an address that are looked at."""


def count(message: Message, *, now: datetime) -> int:
    """How many of the latest e-mails to this address bounced softly, back to the last that seems to have arrived."""
    rows = (
        Message.objects.outgoing()
        .filter(address_digest=message.address_digest, channel=Channel.EMAIL, state__in=MESSAGE.proven)
        .prefetch_related("events")
        .order_by("-sent_at", "-id")[:LOOKED_AT]
    )
    total = 0
    for row in rows:
        if _is_soft_bounce(row):
            total += 1
        elif row.has_left and (row.state in MESSAGE.arrived or _is_quiet(row, now)):
            break
    return total


def follow(message: Message, *, actor: Actor, now: datetime) -> Suppression | None:
    """Suppress the address of `message`, which bounced softly, when it is one too many in a row."""
    bounces = count(message, now=now)
    if bounces < settings.OUTREACH.delivery.soft_bounces_in_a_row:
        return None
    reason = ngettext(
        "%(count)s e-mail came back: the mailbox does not accept mail at the moment",
        "%(count)s e-mails in a row came back: the mailbox does not accept mail at the moment",
        bounces,
    ) % {"count": bounces}
    consequences.invalidate(channel=Channel.EMAIL, address=message.address, reason=reason)
    return suppress(
        Target.address_of(message), reason=Suppression.Reason.BOUNCE, actor=actor, evidence=reason, message=message
    )


def _is_soft_bounce(message: Message) -> bool:
    return any(
        event.kind == "bounced" and not event.data.get("is_hard") and event.data.get("class") not in ABOUT_US
        for event in message.events.all()
    )


def _is_quiet(message: Message, now: datetime) -> bool:
    return message.sent_at is not None and message.sent_at < now - QUIET_DAYS
