"""Anymail's reading of an event, turned into `News`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from conversations.channels.providers.news import METADATA, News, number

_KINDS = {
    "queued": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "deferred": "delayed",
    "opened": "opened",
    "clicked": "clicked",
    "bounced": "bounced",
    "rejected": "failed",
    "failed": "failed",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
}


@cache
def view(path: str) -> Any:
    """The parser of an anymail webhook view, without its request handling and settings. `path`: `module.Class`."""
    module, _dot, name = path.rpartition(".")
    found: Any = getattr(import_module(f"anymail.webhooks.{module}"), name)
    return found.__new__(found)


def news_of(event: Any, **further: Any) -> News:
    """An `AnymailTrackingEvent` in our terms; `further` overrides it where the provider is more precise."""
    metadata: Mapping[str, Any] = event.metadata or {}
    reason = event.mta_response or event.description or event.reject_reason or ""
    kind = _KINDS.get(event.event_type, "")
    values: dict[str, Any] = {
        "kind": kind,
        "at": event.timestamp,
        "recipient": str(event.recipient or "").lower(),
        "message_number": number(metadata.get(METADATA)),
        "provider_id": str(event.message_id or "").strip("<>"),
        "event_id": str(event.event_id or ""),
        "is_hard": kind == "failed" and event.reject_reason in {"bounced", "invalid"},
        "is_opt_out": kind == "failed" and event.reject_reason in {"unsubscribed", "spam"},
        "reason": str(reason)[:1000],
        "code": str(event.reject_reason or ""),
        "url": str(event.click_url or "")[:2000],
        "user_agent": str(event.user_agent or "")[:300],
    }
    return News(**{**values, **further})
