"""When planned messages open: the first moment at which the hours of stream, recipient and sender meet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from conversations.consent import hours
from conversations.models import Message
from conversations.planning.plans import MessagePlan
from outreach.core.addresses import EMAIL
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

Opening = tuple[datetime, dict[str, Any] | None]
"""The moment, and the decision as the message keeps it (None: nothing limits its hours)."""


class Hours:
    """Worked out once for all e-mails with the same stream, sender, time and place of the recipient."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._known: dict[tuple[Any, ...], Opening] = {}

    def of(self, plan: MessagePlan) -> Opening:
        """The opening of `plan`. Raises `Invalid` when its hours never open together."""
        if plan.channel != EMAIL:  # a number has its own place, and quiet hours
            return self._find(plan)
        lead = plan.recipient
        place = (lead.time_zone, lead.country, lead.region, lead.city) if lead else ()
        own = str(plan.attributes.get(hours.OWN_HOURS, ""))
        key = (
            plan.stream.pk,
            plan.sender.pk,
            plan.scheduled_at,
            plan.approval_rule,
            plan.author_id is None,
            own,
            place,
        )
        if key not in self._known:
            self._known[key] = self._find(plan)
        return self._known[key]

    def _find(self, plan: MessagePlan) -> Opening:
        message = Message(
            conversation=plan.conversation,
            lead=plan.recipient,
            stream=plan.stream,
            sender=plan.sender,
            channel=plan.channel,
            address=plan.address,
            attributes=dict(plan.attributes),
            approval_rule=plan.approval_rule,
            author_id=plan.author_id,
            is_stopped_by_reply=plan.stream.is_stopped_by_reply
            if plan.is_stopped_by_reply is None
            else plan.is_stopped_by_reply,
        )
        if hours.is_always_open(message):
            return plan.scheduled_at, None
        wanted = max(plan.scheduled_at, self.now)
        bounds = hours.bounds(message, wanted)
        if bounds.opens_at is None:
            raise Invalid(
                "window",
                _("These hours never overlap: %(closed)s. Change the window, the time zone or the sender's hours.")
                % {"closed": "; ".join(bounds.closed)},
                code="window_never_opens",
            )
        opens_at = bounds.opens_at if bounds.opens_at > wanted else plan.scheduled_at
        return opens_at, bounds.as_json(self.now, "planned")
