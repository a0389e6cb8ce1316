"""Events of the room itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from outreach.access.roles import Role
from outreach.events.kinds import EventKind, Subject, page
from outreach.webhooks.models import Subscription


def subscription(pk: int) -> dict[str, Any] | None:
    row = Subscription.objects.filter(pk=pk).first()
    return {"id": row.pk, "name": str(row), "url": page("webhooks:detail", row.pk)} if row else None


SUBJECTS = [
    Subject(
        "subscription_id",
        "subscription",
        subscription,
        {"id": 4, "name": "CRM", "url": "https://outreach.example/settings/webhooks/4/"},
    )
]
KINDS = [
    EventKind(
        "webhook.disabled",
        _("A webhook was switched off after it had failed for days."),
        {"subscription_id": 4, "reason": "Every attempt of the last 5 days failed: HTTP 500"},
        role=Role.ADMINISTRATOR,
    )
]
