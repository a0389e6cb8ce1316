"""SendGrid's Event Webhook: a batch of events, signed with ECDSA over the timestamp and the body."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from conversations.channels.base import Account
from conversations.channels.providers.news import METADATA, News, Raw, number

_KINDS = {
    "processed": "sent",
    "delivered": "delivered",
    "deferred": "delayed",
    "open": "opened",
    "click": "clicked",
    "bounce": "bounced",
    "dropped": "failed",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
_OPT_OUTS = {"unsubscribed address", "spam reporting address"}


@lru_cache(maxsize=64)
def _public_key(text: str) -> Any:
    from cryptography.hazmat.primitives import serialization

    return serialization.load_der_public_key(base64.b64decode(text))


class SendGridWebhook:
    def is_genuine(self, *, body: bytes, headers: Mapping[str, str], account: Account) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        timestamp = headers.get("X-Twilio-Email-Event-Webhook-Timestamp", "")
        signature = headers.get("X-Twilio-Email-Event-Webhook-Signature", "")
        try:
            key = _public_key(str(account.credentials.get("webhook_key") or ""))
            key.verify(base64.b64decode(signature), timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, binascii.Error, ValueError, TypeError, AttributeError):
            return False
        return True

    def split(self, *, body: bytes, headers: Mapping[str, str]) -> list[Raw]:
        events = json.loads(body)
        if not isinstance(events, list):
            raise TypeError("SendGrid sends a list")
        return [Raw(str(event["sg_event_id"]), event) for event in events]

    def read(self, fields: Mapping[str, Any]) -> News:
        reason = str(fields.get("reason") or fields.get("response") or "")
        return News(
            kind=_KINDS.get(str(fields.get("event")), ""),
            at=_moment(fields.get("timestamp")),
            recipient=str(fields.get("email") or "").lower(),
            message_number=number(fields.get(METADATA)),
            event_id=str(fields.get("sg_event_id") or ""),
            url=str(fields.get("url") or "")[:2000],
            user_agent=str(fields.get("useragent") or "")[:300],
            provider_id=str(fields.get("sg_message_id") or "").partition(".")[0],
            is_hard=(
                fields.get("event") == "bounce" and fields.get("type", "bounce") == "bounce" and _is_permanent(fields)
            )
            or (fields.get("event") == "dropped" and reason.lower() in {"bounced address", "invalid"}),
            is_opt_out=fields.get("event") == "dropped" and reason.lower() in _OPT_OUTS,
            is_machine=bool(fields.get("sg_machine_open")),
            code=str(fields.get("status") or ""),
            reason=reason[:1000],
        )


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, (int, float)) else None


def _is_permanent(fields: Mapping[str, Any]) -> bool:
    """5.1.x and 5.2.1 are about the address, 5.7.x about us. For a status query the cause is unknown."""
    status = str(fields.get("status") or "")
    return not fields.get("is_status") and status.startswith(("5.0", "5.1", "5.2.1", "550"))


WEBHOOK = SendGridWebhook()
