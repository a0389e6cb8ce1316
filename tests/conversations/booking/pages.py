"""What Cal.com and Calendly send, after their public references, and how each of them signs it."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

SECRET = "a secret of the webhook"
STARTS = "2026-12-03T14:00:00Z"
LATER = "2026-12-04T09:00:00Z"


def calcom(kind: str, *, uid: str = "one", address: str = "sam@acme.de", **changes: Any) -> dict[str, Any]:
    """`kind`: booked, moved, cancelled, no_show or held."""
    trigger = {
        "booked": "BOOKING_CREATED",
        "moved": "BOOKING_RESCHEDULED",
        "cancelled": "BOOKING_CANCELLED",
        "no_show": "BOOKING_NO_SHOW_UPDATED",
        "held": "MEETING_ENDED",
    }[kind]
    if kind == "no_show":
        payload: dict[str, Any] = {
            "message": "sam@acme.de marked as no-show",
            "bookingUid": uid,
            "attendees": [{"email": address, "noShow": True}],
        }
    else:
        payload = {
            "type": "intro", "title": "Intro between Dana and Sam", "eventTitle": "Intro", "uid": uid, "bookingId": 91,
            "startTime": STARTS, "endTime": "2026-12-03T14:30:00Z", "status": "ACCEPTED", "location": "integrations:daily",
            "organizer": {"id": 5, "name": "Dana", "email": "dana@ourfirm.de", "timeZone": "Europe/Berlin"},
            "attendees": [{"email": address, "name": "Sam Jones", "timeZone": "Europe/Paris", "language": {"locale": "fr"}}],
        }  # fmt: skip
    if kind == "moved":
        payload |= {"uid": "two", "rescheduleUid": uid, "startTime": LATER, "endTime": "2026-12-04T09:30:00Z"}
    if kind == "cancelled":
        payload |= {"status": "CANCELLED", "cancellationReason": "Something came up"}
    return {"triggerEvent": trigger, "createdAt": f"2026-12-01T10:00:00.{kind}", "payload": payload | changes}


def calendly(kind: str, *, uid: str = "one", address: str = "sam@acme.de", **changes: Any) -> dict[str, Any]:
    """As `calcom`; a call that moves is told by its new invitee."""
    root = "https://api.calendly.com/scheduled_events/E/invitees"
    event = {
        "booked": "invitee.created",
        "moved": "invitee.created",
        "cancelled": "invitee.canceled",
        "no_show": "invitee_no_show.created",
        "held": "invitee_no_show.deleted",
    }[kind]
    if kind in {"no_show", "held"}:
        payload: dict[str, Any] = {
            "uri": "https://api.calendly.com/invitee_no_shows/N",
            "invitee": f"{root}/{uid}",
            "created_at": "2026-12-03T15:00:00Z",
        }
    else:
        payload = {
            "uri": f"{root}/{uid}", "email": address, "name": "Sam Jones", "status": "active", "timezone": "Europe/Paris",
            "old_invitee": None, "new_invitee": None, "rescheduled": False, "questions_and_answers": [],
            "scheduled_event": {
                "uri": "https://api.calendly.com/scheduled_events/E", "name": "Intro", "status": "active",
                "start_time": STARTS, "end_time": "2026-12-03T14:30:00Z",
            },
        }  # fmt: skip
    if kind == "moved":
        payload |= {"uri": f"{root}/two", "old_invitee": f"{root}/{uid}"}
        payload["scheduled_event"] |= {"start_time": LATER, "end_time": "2026-12-04T09:30:00Z"}
    if kind == "cancelled":
        payload |= {"status": "canceled", "cancellation": {"reason": "Something came up", "canceler_type": "invitee"}}
    return {"event": event, "created_at": f"2026-12-01T10:00:00.{kind}", "payload": payload | changes}


def encode(fields: Any) -> bytes:
    return json.dumps(fields).encode()


def sign(provider: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    if provider == "calcom":
        return {"X-Cal-Signature-256": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
    at = str(int(time.time()))
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Calendly-Webhook-Signature": f"t={at},v1={made}"}


EVENTS = {"calcom": calcom, "calendly": calendly}
