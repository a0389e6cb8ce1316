"""The protocol of a channel adapter, and the three outcomes of a send.

An adapter is given plain values and talks to one carrier. It never touches the database, decides no policy and never
retries: the outbox does. Certainty is its whole duty: `Accepted` and `NotSent` are facts, everything else is
`OutcomeUnknown`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from conversations.outbox.copies import NO_COPIES, Copies


@dataclass(frozen=True)
class Account:
    """A sender as its adapter sees it. `credentials` are decrypted and must never be logged."""

    id: int
    channel: str
    address: str
    display_name: str
    settings: dict[str, Any]
    credentials: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Attachment:
    """An attached file. With a `content_id` it is an image shown in the HTML (`cid:…`)."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    content_id: str = ""


@dataclass(frozen=True)
class Outgoing:
    """One message, ready to leave. `headers` are further e-mail headers such as List-Unsubscribe."""

    id: int
    channel: str
    address: str
    subject: str
    body: str
    body_html: str = ""
    rfc_message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    language: str = ""
    callback_url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    copies: Copies = NO_COPIES
    attempted_at: datetime | None = None
    """When the attempt that is being looked for began (for `find`)."""


@dataclass(frozen=True)
class Accepted:
    """The carrier took responsibility. `provider_id` is its own id for the message."""

    provider_id: str = ""
    detail: str = ""
    rfc_message_id: str = ""
    """The Message-ID that recipients see, where the carrier replaces ours."""


class Fault(StrEnum):
    """What a certain refusal is about, which decides what happens next."""

    PASSING = "passing"
    """Try again later: 4xx, queue full, too many requests."""
    ADDRESS = "address"
    """This address will never work: unknown mailbox, not a number, landline."""
    OPTED_OUT = "opted_out"
    """The carrier says that the recipient opted out."""
    MESSAGE = "message"
    """This text will never work: too long, filtered."""
    SENDER = "sender"
    """The account is at fault: credentials, registration, reputation. Stop it and alert."""


class NotSent(Exception):
    """Certainly not sent. `reason` says what happened and, where a person must act, what to do."""

    def __init__(self, fault: Fault, code: str, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.fault = fault
        self.code = code
        self.reason = reason
        self.retry_after = retry_after


class OutcomeUnknown(Exception):
    """The carrier may or may not have it: the answer never came. Settled by evidence or by a person, never by time."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Finding(StrEnum):
    """What looking for an unknown message showed."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    """The carrier certainly does not have it; sending again is safe."""
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Evidence:
    finding: Finding
    detail: str
    provider_id: str = ""


@dataclass(frozen=True)
class Report:
    """A carrier's answer about a message, in the form of its callback."""

    source: str
    external_id: str
    fields: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class Reporting(Protocol):
    """An adapter whose carrier can report a message's outcome when a callback was missed."""

    def reports(self, account: Account, outgoing: Outgoing, provider_id: str) -> list[Report]:
        """What the carrier knows now. Raises `NotSent` or `OutcomeUnknown` when it cannot be asked."""


class Adapter(Protocol):
    """One carrier. Implementations live in `conversations/channels/<name>/adapter.py`, one folder each."""

    name: str
    channels: tuple[str, ...]

    def check_settings(self, account: Account) -> None:
        """Raise `Invalid(field, reason)` when settings or credentials are incomplete or malformed; no network."""

    def verify(self, account: Account) -> str:
        """Sign in for real and return one sentence about what was found. Raises `NotSent` or `OutcomeUnknown`."""

    def send(self, account: Account, outgoing: Outgoing) -> Accepted:
        """Hand one message to the carrier. Raises `NotSent` or `OutcomeUnknown`, nothing else."""

    def find(self, account: Account, outgoing: Outgoing) -> Evidence:
        """Look for a message whose outcome is unknown."""

    def close(self) -> None:
        """Drop kept connections."""
