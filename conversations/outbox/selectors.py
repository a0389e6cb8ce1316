"""Reads over the outbox."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from conversations.models import CLAIMABLE, IN_FLIGHT, LEFT, PROBLEMS, Message
from conversations.senders.models import SENDING

TABS: dict[str, tuple[str, ...]] = {
    "problems": PROBLEMS,
    "waiting": ("scheduled", "deferred"),
    "in_flight": IN_FLIGHT,
    "sent": LEFT,
    "ended": ("bounced", "cancelled"),
}
COUNT_CAP = 10_000


def outbox(*, states: tuple[str, ...], before: int | None = None, limit: int = 51) -> QuerySet[Message]:
    """Outgoing messages in `states`, newest first, below the id `before`."""
    rows = Message.objects.filter(direction=Message.Direction.OUT, state__in=states)
    if before:
        rows = rows.filter(pk__lt=before)
    return rows.select_related("lead", "sender", "stream").order_by("-pk")[:limit]


def why(message: Message, now: datetime) -> str:
    """Why a message stands where it does. What held it back until a time that is over holds it no more."""
    sender = message.sender
    if message.state in CLAIMABLE and sender is not None and sender.state not in SENDING:
        reason = sender.state_reason or str(sender.get_state_display())
        return _("%(sender)s is not active: %(reason)s") % {"sender": sender.name, "reason": reason}
    if message.state == "deferred" and message.scheduled_at and message.scheduled_at <= now:
        return _("Its time has come: it leaves as its sender's hours and caps allow.")
    return message.error


def problems(condition: Q, *, before: int | None = None, limit: int = 51) -> QuerySet[Message]:
    """What needs a person and meets `condition`, newest first, below the id `before`."""
    rows = Message.objects.filter(condition, direction=Message.Direction.OUT, state__in=PROBLEMS)
    if before:
        rows = rows.filter(pk__lt=before)
    return rows.select_related("lead", "sender", "stream").order_by("-pk")[:limit]


def problem_counts() -> dict[str, int]:
    """How many messages wait for a person, by state; read off the index of problems."""
    rows = Message.objects.filter(direction=Message.Direction.OUT, state__in=PROBLEMS)
    return dict(rows.values_list("state").annotate(count=Count("id")).values_list("state", "count"))
