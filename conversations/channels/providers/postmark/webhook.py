"""Postmark's webhooks. They are unsigned: a password known only to Postmark is sent as basic authentication."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from typing import Any

from conversations.channels.base import Account
from conversations.channels.providers.news import News, Raw
from conversations.channels.providers.postmark.account import USER
from conversations.channels.providers.reading import news_of, view
from outreach.core.hashing import canonical_hash

_TRACKING = "postmark.PostmarkTrackingWebhookView"
_HARD = {"HardBounce", "BadEmailAddress"}
_TIMES = ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt")


class PostmarkWebhook:
    def is_genuine(self, *, body: bytes, headers: Mapping[str, str], account: Account) -> bool:
        key = str(account.credentials.get("webhook_key") or "")
        scheme, _space, given = headers.get("Authorization", "").partition(" ")
        try:
            pair = base64.b64decode(given, validate=True)
        except (binascii.Error, ValueError):
            return False
        return bool(key) and scheme.lower() == "basic" and hmac.compare_digest(pair, f"{USER}:{key}".encode())

    def split(self, *, body: bytes, headers: Mapping[str, str]) -> list[Raw]:
        event = json.loads(body)
        told = [str(event.get(name, "")) for name in ("MessageID", "ID", "Recipient", "Email", "OriginalLink", *_TIMES)]
        return [Raw(f"{event['RecordType']}:{canonical_hash(told)[:40]}", event)]

    def read(self, fields: Mapping[str, Any]) -> News:
        event = view(_TRACKING).esp_to_anymail_event(dict(fields))
        kind = str(fields.get("Type") or "")
        further: dict[str, Any] = {"code": kind}
        if kind in _HARD:
            further |= {"kind": "bounced", "is_hard": True}
        elif fields.get("RecordType") == "SubscriptionChange" and fields.get("SuppressionReason") == "HardBounce":
            further |= {"kind": "bounced", "is_hard": True, "code": "HardBounce"}
        return news_of(event, **further)


WEBHOOK = PostmarkWebhook()
