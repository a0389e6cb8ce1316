"""Reads over the outbox."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from conversations.models import MESSAGE, Message

TABS: dict[str, tuple[str, ...]] = {
    "problems": MESSAGE.problems,
    "waiting": MESSAGE.waiting,
    "in_flight": MESSAGE.in_flight,
    "sent": MESSAGE.left,
    "ended": MESSAGE.ended,
}


def outbox(*, states: tuple[str, ...]) -> QuerySet[Message]:
    """Outgoing messages in `states`, newest first."""
    return (
        Message.objects.outgoing().filter(state__in=states).select_related("lead", "sender", "stream").order_by("-pk")
    )


def problem_counts() -> dict[str, int]:
    """How many messages wait for a person, by state; read off the index of problems."""
    rows = Message.objects.problems()
    return dict(rows.values_list("state").annotate(count=Count("id")).values_list("state", "count"))
