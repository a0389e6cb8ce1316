"""A provider's webhook or status API event about one message, in the product's terms. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from conversations.channels.base import Account

METADATA = "outreach_message"
"""Under this name our message's number goes to the provider and comes back."""
SOURCE = "provider"
"""Stored events are called `provider.<adapter>`."""


@dataclass(frozen=True)
class News:
    """One thing that happened. `kind` is sent, delivered, delayed, opened, clicked, bounced, failed, complained,
    unsubscribed, or empty for what says nothing about the message."""

    kind: str
    at: datetime | None
    recipient: str = ""
    message_number: int | None = None
    provider_id: str = ""
    event_id: str = ""
    is_hard: bool = False
    """A bounce that proves that the address does not exist or takes no mail."""
    is_opt_out: bool = False
    """A failure because the recipient opted out at the provider."""
    is_machine: bool = False
    """An opening or click that the provider itself takes for a machine's."""
    code: str = ""
    reason: str = ""
    url: str = ""
    user_agent: str = ""


@dataclass(frozen=True)
class Raw:
    """One event as it came. `external_id` is the same for every delivery of the same event."""

    external_id: str
    fields: dict[str, Any] = field(default_factory=dict)


class Webhook(Protocol):
    """How one provider calls us. Stateless.

    Further, where it applies: `confirmation_url(fields, account)` for a subscription that wants a yes,
    `matches_recipient` where events name the recipient but nothing of ours, `reply(fields, answers=…)` where replies come
    by webhook, as the mail that they are.
    """

    def is_genuine(self, *, body: bytes, headers: Mapping[str, str], account: Account) -> bool:
        """Whether the request has the provider's signature for this account. Without a key, none is accepted.

        Anymail's own checks are not used: they read one key a site from the settings where each account has its own, pass
        without a key, and for Mailgun accept a signature of any age.
        """

    def split(self, *, body: bytes, headers: Mapping[str, str]) -> list[Raw]:
        """The events of one request. Raises `ValueError` or `KeyError` for what is not the provider's format."""

    def read(self, fields: Mapping[str, Any]) -> News:
        """What one stored event says."""


def number(value: object) -> int | None:
    """Our message's number as it came back."""
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 19 else None
