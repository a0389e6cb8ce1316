"""Notices about the floor's rooms below this one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from outreach.access.roles import Role
from outreach.core.words import gettext as _
from outreach.notifications.kinds import Line, NoticeKind


def _switched_off(data: Mapping[str, Any]) -> Line | None:
    found = data.get("subscription")
    if not found:
        return None
    text = _("The webhook “%(name)s” was switched off: %(reason)s") % {**found, "reason": data.get("reason", "")}
    return Line(text, reverse("webhooks:detail", args=[found["id"]]))


WEBHOOK = NoticeKind(
    "webhook",
    gettext_lazy("Webhook switched off"),
    gettext_lazy("A receiver of events failed for days."),
    role=Role.ADMINISTRATOR,
    event="webhook.disabled",
    line=_switched_off,
)
