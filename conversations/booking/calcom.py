"""Cal.com. Source: cal.com/docs, "Webhooks" (payloads and `X-Cal-Signature-256`)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from conversations.booking.news import Kind, News, moment

KINDS = {
    "BOOKING_CREATED": Kind.BOOKED,
    "BOOKING_RESCHEDULED": Kind.MOVED,
    "BOOKING_CANCELLED": Kind.CANCELLED,
    "BOOKING_REJECTED": Kind.CANCELLED,
    "MEETING_ENDED": Kind.HELD,
}


class CalCom:
    name = "calcom"
    label = "Cal.com"

    def is_genuine(self, *, body: bytes, headers: Mapping[str, str], secret: str) -> bool:
        """The header is the hex HMAC-SHA256 of the body."""
        made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return bool(secret) and hmac.compare_digest(made.encode(), headers.get("X-Cal-Signature-256", "").encode())

    def event_id(self, fields: Mapping[str, Any]) -> str:
        call = _call(fields)
        return f"{fields['triggerEvent']}:{call.get('uid') or call.get('bookingUid', '')}:{fields['createdAt']}"

    def read(self, fields: Mapping[str, Any]) -> News | None:
        call, trigger = _call(fields), fields["triggerEvent"]
        if trigger == "BOOKING_NO_SHOW_UPDATED":
            return _no_show(call)
        if trigger not in KINDS or not call.get("uid"):
            return None
        attendee: Mapping[str, Any] = next(iter(call.get("attendees") or ()), {})
        return News(
            kind=KINDS[trigger],
            external_id=str(call["uid"]),
            previous_id=str(call.get("rescheduleUid") or ""),
            title=str(call.get("eventTitle") or call.get("title") or ""),
            starts_at=moment(call.get("startTime")),
            ends_at=moment(call.get("endTime")),
            name=str(attendee.get("name") or ""),
            address=str(attendee.get("email") or ""),
            time_zone=str(attendee.get("timeZone") or ""),
            reason=str(call.get("cancellationReason") or call.get("rejectionReason") or ""),
        )


def _no_show(call: Mapping[str, Any]) -> News | None:
    """Attendees marked as absent; unmarked again, the call took place."""
    attendee = next(iter(call.get("attendees") or ()), None)
    if attendee is None or not call.get("bookingUid"):
        return None
    kind = Kind.NO_SHOW if attendee.get("noShow") else Kind.HELD
    return News(kind=kind, external_id=str(call["bookingUid"]), address=str(attendee.get("email") or ""))


def _call(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Events of meetings come without the envelope `payload`."""
    payload = fields.get("payload", fields)
    if not isinstance(payload, Mapping):
        raise TypeError("payload")
    return payload
