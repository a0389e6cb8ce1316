"""The demo world's past: the only place that sets the clock back.

Whatever happens inside `History` happens through the real services at its simulated time: windows, caps, working days and
the reactions of simulated recipients hold as they would have held. Afterwards `settle` moves the times that Django filled in
by itself (`auto_now_add`, `auto_now`, and what was copied from them) to the simulated time at which it did so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.demo.sandbox import recorder
from campaigns.demo.sandbox.models import SandboxEvent
from conversations.dispatch import sending
from conversations.models import Message
from conversations.outbox.models import STREAM
from outreach.core import clock
from outreach.jobs.draining import drain
from outreach.jobs.models import QueueItem

STEP = timedelta(minutes=50)
"""Things that are due within this time happen in one go: exact enough for a story, and fast."""
PATIENCE = timedelta(hours=2)
"""How often to look at messages that are due and wait for a cap."""
OURS = ("campaigns", "conversations", "leads", "outreach")
LEFT_ALONE = ("core.AuditEntry", "jobs.QueueItem", "jobs.Heartbeat", "jobs.PeriodicRun", "limits.Allowance")
"""Their times are the simulated ones from the beginning, or are no part of the story."""


class History:
    """Simulated time that only moves forward, from `begins_at` to now."""

    def __init__(self, begins_at: datetime) -> None:
        self.at = begins_at
        self._spans: list[tuple[datetime, timedelta]] = []

    @contextmanager
    def moment(self) -> Iterator[datetime]:
        """Do something at the present simulated time."""
        real = timezone.now()
        shift = self.at - real
        self._spans.append((real, shift))
        with clock.shifted(shift), _in_the_past():
            yield self.at

    def live_until(self, until: datetime) -> None:
        """Run everything due until then, in order: sends, deliveries, replies, follow-ups."""
        while self.at < until:
            with self.moment():
                _happen()
                following = _next_due(self.at)
            self.at = min(max(following or until, self.at + STEP), until)
        with self.moment():
            _happen()

    def settle(self) -> None:
        """Move times set by Django to the simulated ones: those within the loading itself."""
        spans = [next(group) for _key, group in groupby(self._spans, key=lambda span: round(span[1].total_seconds()))]
        ends = [real for real, _shift in spans[1:]] + [timezone.now()]
        rows: list[Any] = []
        for (real, shift), end in zip(spans, ends, strict=True):
            rows += [real, end, shift]
        values = ", ".join(["(%s::timestamptz, %s::timestamptz, %s::interval)"] * len(spans))
        with connection.cursor() as cursor:
            for table, columns in _columns_with_times():
                for column in columns:
                    cursor.execute(
                        f"UPDATE {table} t SET {column} = t.{column} + s.shift"  # noqa: S608 - names of our own models
                        f" FROM (VALUES {values}) s (starts, ends, shift)"
                        f" WHERE t.{column} >= s.starts AND t.{column} < s.ends",
                        rows,
                    )


def _happen() -> None:
    """What the schedules would do at this moment, until nothing more is due."""
    for _round in range(20):
        sent = sending.send_due()
        played = recorder.play_due()
        worked = drain() if QueueItem.objects.filter(is_dead=False, run_at__lte=Now()).exists() else 0
        if not (sent or played or worked):
            return


def _next_due(after: datetime) -> datetime | None:
    planned = (
        Message.objects.waiting()
        .filter(stream__state=STREAM.ACTIVE, scheduled_at__gt=after)
        .aggregate(at=Min("scheduled_at"))["at"]
    )
    reacting = SandboxEvent.objects.filter(done_at=None, due_at__gt=after).aggregate(at=Min("due_at"))["at"]
    # what waits for its window or for a cap is due already: look again a little later
    waiting = Message.objects.waiting().filter(stream__state=STREAM.ACTIVE, scheduled_at__lte=after).exists()
    times = [at for at in (planned, reacting, after + PATIENCE if waiting else None) if at]
    return min(times, default=None)


@contextmanager
def _in_the_past() -> Iterator[None]:
    """Simulated recipients take realistic time in the past; afterwards they hurry, because someone is watching. And the past has
    no outages: looking seldom is a matter of speed, not messages that were missed."""
    speed, minutes = settings.SANDBOX_SPEED, settings.OUTREACH.delivery.overdue_minutes
    settings.SANDBOX_SPEED, settings.OUTREACH.delivery.overdue_minutes = 1, 24 * 60
    try:
        yield
    finally:
        settings.SANDBOX_SPEED, settings.OUTREACH.delivery.overdue_minutes = speed, minutes


def _columns_with_times() -> Iterator[tuple[str, list[str]]]:
    quote = connection.ops.quote_name
    for model in apps.get_models():
        if model.__module__.split(".")[0] not in OURS or model._meta.label in LEFT_ALONE:
            continue
        names = [
            quote(str(field.column)) for field in model._meta.local_fields if isinstance(field, models.DateTimeField)
        ]
        if names:
            yield quote(model._meta.db_table), names
