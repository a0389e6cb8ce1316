"""The public addresses that Twilio calls. Built from `PUBLIC_BASE_URL`, never from a request, so that signatures match."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

INBOUND_PATH = "webhooks/twilio/{sender_id}/message"
STATUS_PATH = "webhooks/twilio/{sender_id}/status"


def inbound_url(sender_id: int) -> str:
    """Where Twilio delivers texts that came in; an operator enters it at the number in Twilio's console."""
    return f"{_base()}/{INBOUND_PATH.format(sender_id=sender_id)}"


def status_url(sender_id: int, message_id: int | None = None) -> str:
    """The report URL for our message `message_id`: a report that overtakes the API's answer still finds it."""
    query = "" if message_id is None else f"?message={message_id}"
    return f"{_base()}/{STATUS_PATH.format(sender_id=sender_id)}{query}"


def is_public(url: str) -> bool:
    """Whether the internet can call `url`. Twilio refuses a message whose callback it cannot (error 21609)."""
    host = urlsplit(url).hostname or ""
    if "." not in host and ":" not in host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return not host.endswith((".local", ".localhost", ".internal"))


def _base() -> str:
    return str(settings.PUBLIC_BASE_URL).rstrip("/")
