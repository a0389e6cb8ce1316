"""What happens with an event of the log: a delivery for each subscription that wants it. Idempotent."""

from __future__ import annotations

from outreach.events.kinds import kinds
from outreach.events.models import Event
from outreach.webhooks.models import Delivery, Subscription
from outreach.webhooks.services import wake


def on_event(event: Event) -> None:
    """Told by the log because a subscription follows this kind (`services.follow_wanted`)."""
    if event.kind not in kinds():
        return  # for this house only
    rows = [row for row in Subscription.objects.active() if row.wants(event.kind)]
    Delivery.objects.bulk_create(
        [Delivery(subscription=row, event=event, kind=event.kind) for row in rows], ignore_conflicts=True
    )
    if rows:
        wake()
