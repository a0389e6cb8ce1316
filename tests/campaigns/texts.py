"""Drafts and messages as other rooms would have made them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from campaigns.drafts.models import Draft
from campaigns.models import Candidate
from conversations.models import Message
from conversations.outbox.content import content_hash
from conversations.services import conversation_for
from outreach.core import clock
from outreach.llm.models import Interaction, Trace
from tests.campaigns.factories import make_user


def make_draft(
    candidate: Candidate, *, step: int = 1, variant: str = "direct", state: str = "approved", **fields: Any
) -> Draft:
    interaction = Interaction.objects.create(
        trace=Trace.objects.create(name="draft"),
        step="draft",
        route="draft",
        provider="builtin",
        model="",
        input_hash="h",
    )
    is_approved = state == "approved"
    place = candidate.campaign.steps.get(number=step)
    now = content_hash(
        subject=fields.get("subject", "A question"),
        body=fields.get("body", "Hello Joe, shall we talk?"),
        body_html="",
        channel=place.channel,
        address=candidate.lead.address(place.channel),
        sender_id=place.sender_id,
    )
    values = {
        "subject": "A question",
        "body": "Hello Joe, shall we talk?",
        "generated_body": "Hello Joe, shall we talk?",
        "content_hash": now,
        "approved_hash": now if is_approved else "",
        "approved_by": make_user() if is_approved else None,
        "approved_at": clock.now() if is_approved else None,
        "language": "en",
    }
    return Draft.objects.create(
        candidate=candidate,
        step=place,
        variant=variant,
        state=state,
        interaction=interaction,
        **{**values, **fields},
    )


def mark_sent(message: Message, at: datetime | None = None) -> Message:
    """What delivery writes when the carrier took a message."""
    message.state, message.sent_at = "sent", at or clock.now()
    message.save(update_fields=["state", "sent_at"])
    return message


def make_reply(candidate: Candidate, *, answers: Message | None = None, **fields: Any) -> Message:
    """A person's reply as the inbound room stores it."""
    values: dict[str, Any] = {
        "direction": "in",
        "channel": "email",
        "state": "received",
        "body": "Sounds good",
        "received_at": clock.now() + timedelta(seconds=1),
        "follows": answers,
    }
    return Message.objects.create(
        conversation=conversation_for(lead=candidate.lead), lead=candidate.lead, **{**values, **fields}
    )
