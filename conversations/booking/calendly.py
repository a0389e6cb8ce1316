"""Calendly. Source: developer.calendly.com, "Webhooks" (payloads, `Calendly-Webhook-Signature`, rescheduled events)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from conversations.booking.news import Kind, News, moment

KINDS = {
    "invitee.created": Kind.BOOKED,
    "invitee.canceled": Kind.CANCELLED,
    "invitee_no_show.created": Kind.NO_SHOW,
    "invitee_no_show.deleted": Kind.HELD,
}


class Calendly:
    name = "calendly"
    label = "Calendly"

    def is_genuine(self, *, body: bytes, headers: Mapping[str, str], secret: str) -> bool:
        """`t=<unix>,v1=<hex>`: HMAC-SHA256 over the time, a full stop and the body."""
        parts = dict(part.partition("=")[::2] for part in headers.get("Calendly-Webhook-Signature", "").split(","))
        made = hmac.new(secret.encode(), parts.get("t", "").encode() + b"." + body, hashlib.sha256).hexdigest()
        return bool(secret) and hmac.compare_digest(made.encode(), parts.get("v1", "").encode())

    def event_id(self, fields: Mapping[str, Any]) -> str:
        return f"{fields['event']}:{fields['payload']['uri']}:{fields['created_at']}"

    def read(self, fields: Mapping[str, Any]) -> News | None:
        """A call that moves is a cancelled and a created one; only the created one, which names the other, is told."""
        invitee, kind = fields["payload"], KINDS.get(str(fields["event"]))
        if kind is None or (kind is Kind.CANCELLED and invitee.get("rescheduled")):
            return None
        if kind in {Kind.NO_SHOW, Kind.HELD}:
            return News(kind=kind, external_id=str(invitee["invitee"]))
        call = invitee.get("scheduled_event") or {}
        previous = str(invitee.get("old_invitee") or "")
        return News(
            kind=Kind.MOVED if kind is Kind.BOOKED and previous else kind,
            external_id=str(invitee["uri"]),
            previous_id=previous,
            title=str(call.get("name") or ""),
            starts_at=moment(call.get("start_time")),
            ends_at=moment(call.get("end_time")),
            name=str(invitee.get("name") or ""),
            address=str(invitee.get("email") or ""),
            time_zone=str(invitee.get("timezone") or ""),
            reason=str((invitee.get("cancellation") or {}).get("reason") or ""),
        )
