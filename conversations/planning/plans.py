"""What somebody wants to be sent: one frozen plan for each message, whoever makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from conversations.files.enclosures import Enclosure
from conversations.models import Conversation, Message
from conversations.outbox.copies import NO_COPIES, Copies
from conversations.outbox.models import Stream
from conversations.senders.models import Sender
from leads.models import Lead


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePlan:
    """One message, to leave at `scheduled_at` or later through the gate.

    It belongs to `conversation`, or to that of `lead`, which is opened when there is none. A follow-up (`follows`)
    leaves from the sender of the message that it follows, in its thread, as `Re: …`. Without an approval by a person or
    a rule it never leaves. `files` are enclosed (e-mail and SMS); an inline image is shown below the text.
    """

    stream: Stream
    sender: Sender
    channel: str
    address: str
    body: str
    scheduled_at: datetime
    conversation: Conversation | None = None
    lead: Lead | None = None
    subject: str = ""
    body_html: str = ""
    language: str = ""
    interaction_id: UUID | None = None
    approved_by_id: int | None = None
    approval_rule: str = ""
    author_id: int | None = None
    follows: Message | None = None
    in_reply_to: str = ""
    priority: int = 0
    is_stopped_by_reply: bool | None = None
    """None: as the stream says."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[Enclosure] = ()
    copies: Copies = NO_COPIES

    @property
    def recipient(self) -> Lead | None:
        return self.conversation.lead if self.conversation is not None else self.lead

    @property
    def is_approved(self) -> bool:
        return self.approved_by_id is not None or bool(self.approval_rule)

    @property
    def is_in_thread(self) -> bool:
        return self.follows is not None or bool(self.in_reply_to)
