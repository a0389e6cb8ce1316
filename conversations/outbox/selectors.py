"""Reads over the outbox."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from conversations.models import MESSAGE, Message

TABS: dict[str, tuple[str, ...]] = {
    "problems": MESSAGE.problems,
    "waiting": MESSAGE.waiting,
    "in_flight": MESSAGE.in_flight,
    "sent": MESSAGE.left,
    "ended": MESSAGE.ended,
}
COUNT_CAP = 10_000


def outbox(*, states: tuple[str, ...], before: int | None = None, limit: int = 51) -> QuerySet[Message]:
    """Outgoing messages in `states`, newest first, below the id `before`."""
    rows = Message.objects.outgoing().filter(state__in=states)
    if before:
        rows = rows.filter(pk__lt=before)
    return rows.select_related("lead", "sender", "stream").order_by("-pk")[:limit]


def problems(condition: Q, *, before: int | None = None, limit: int = 51) -> QuerySet[Message]:
    """What needs a person and meets `condition`, newest first, below the id `before`."""
    rows = Message.objects.problems().filter(condition)
    if before:
        rows = rows.filter(pk__lt=before)
    return rows.select_related("lead", "sender", "stream").order_by("-pk")[:limit]


def problem_counts() -> dict[str, int]:
    """How many messages wait for a person, by state; read off the index of problems."""
    rows = Message.objects.problems()
    return dict(rows.values_list("state").annotate(count=Count("id")).values_list("state", "count"))
