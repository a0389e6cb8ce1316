"""Mailgun's webhooks: one event a request, with an HMAC over timestamp and token inside the body.

The signature does not cover the event itself, so a token counts once a sender: it is the event's identity, and what comes later
with the same token, repeated or made up, is the same event.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from conversations.channels.base import Account
from conversations.channels.providers.news import News, Raw
from conversations.channels.providers.reading import news_of, view
from outreach.core import clock

_TRACKING = "mailgun.MailgunTrackingWebhookView"
_ADDRESS_REASONS = {"bounce", "suppress-bounce"}
TOLERANCE_SECONDS = 24 * 3600
"""Mailgun repeats what was not taken for eight hours."""


class MailgunWebhook:
    def is_genuine(self, *, body: bytes, headers: Mapping[str, str], account: Account) -> bool:
        key = str(account.credentials.get("webhook_key") or "")
        try:
            block = json.loads(body)["signature"]
            timestamp, token, signature = str(block["timestamp"]), str(block["token"]), str(block["signature"])
            age = abs(clock.now().timestamp() - float(timestamp))
        except (ValueError, KeyError, TypeError):
            return False
        expected = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
        return bool(key) and age <= TOLERANCE_SECONDS and hmac.compare_digest(expected.encode(), signature.encode())

    def split(self, *, body: bytes, headers: Mapping[str, str]) -> list[Raw]:
        payload = json.loads(body)
        event, block = payload["event-data"], payload["signature"]
        token = hashlib.sha256(f"{block['timestamp']}{block['token']}".encode()).hexdigest()
        if not event["id"] or not event["event"]:
            raise ValueError("an event without a name")
        return [Raw(token, {"event-data": event})]

    def read(self, fields: Mapping[str, Any]) -> News:
        data = fields["event-data"]
        status = data.get("delivery-status") or {}
        code, reason = str(status.get("code") or ""), str(data.get("reason") or "")
        further: dict[str, Any] = {"event_id": str(data.get("id") or ""), "code": code}
        if data.get("event") == "failed" and data.get("severity") == "permanent":
            is_opt_out = reason in {"suppress-unsubscribe", "suppress-complaint"}
            further |= {
                "kind": "failed" if is_opt_out else "bounced",
                "is_opt_out": is_opt_out,
                "is_hard": reason in _ADDRESS_REASONS and not str(status.get("enhanced-code") or "").startswith("5.7"),
            }
        further["is_machine"] = bool((data.get("client-info") or {}).get("bot"))
        return news_of(view(_TRACKING).esp_to_anymail_event(fields), **further)


WEBHOOK = MailgunWebhook()
