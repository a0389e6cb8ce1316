"""Resend's webhooks, signed as Svix does: HMAC over id, timestamp and body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from conversations.channels.base import Account
from conversations.channels.providers.news import METADATA, News, Raw, number
from conversations.channels.providers.reading import news_of, view
from outreach.core import clock

_TRACKING = "resend.ResendTrackingWebhookView"
TOLERANCE_SECONDS = 300
"""Svix signs every delivery again, so that an old signature is a replay."""


class ResendWebhook:
    def is_genuine(self, *, body: bytes, headers: Mapping[str, str], account: Account) -> bool:
        identifier, timestamp = headers.get("Svix-Id", ""), headers.get("Svix-Timestamp", "")
        try:
            key = base64.b64decode(str(account.credentials.get("webhook_key") or "").removeprefix("whsec_"))
            age = abs(clock.now().timestamp() - int(timestamp))
        except (binascii.Error, ValueError):
            return False
        if not key or not identifier or age > TOLERANCE_SECONDS:
            return False
        signed = f"{identifier}.{timestamp}.".encode() + body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        given = [part.partition(",") for part in headers.get("Svix-Signature", "").split()]
        return any(
            version == "v1" and hmac.compare_digest(text.encode(), expected.encode()) for version, _c, text in given
        )

    def split(self, *, body: bytes, headers: Mapping[str, str]) -> list[Raw]:
        event = json.loads(body)
        if not str(event["type"]).startswith("email."):
            return []
        identifier = headers["Svix-Id"]
        return [Raw(identifier, {"event": event, "id": identifier})]

    def read(self, fields: Mapping[str, Any]) -> News:
        event = fields["event"]
        data = event.get("data") or {}
        found = view(_TRACKING).esp_to_anymail_event(
            {**event, "data": {**data, "headers": data.get("headers") or []}},
            SimpleNamespace(headers={"svix-id": fields.get("id", "")}),
        )
        bounce = data.get("bounce") or {}
        further: dict[str, Any] = {
            "is_hard": bounce.get("type") == "Permanent",
            "code": str(bounce.get("subType") or ""),
        }
        if event["type"] in {"email.failed", "email.suppressed"}:
            further |= {
                "kind": "failed",
                "reason": str((data.get("failed") or data.get("suppressed") or {}).get("reason", "")),
            }
        if data.get(METADATA):
            further["message_number"] = number(data[METADATA])
        return news_of(found, **further)


WEBHOOK = ResendWebhook()
