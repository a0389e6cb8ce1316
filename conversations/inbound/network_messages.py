"""What follows from a message of a professional network, as the account's inbox showed it."""

from __future__ import annotations

from conversations.inbound import matching, receiving
from conversations.inbound.models import InboundEvent
from conversations.inbound.receiving import Outcome
from leads.models import Channel


def handle(event: InboundEvent) -> Outcome:
    """A message of a professional network, as the account's inbox showed it."""
    fields = event.fields
    address = str(fields.get("address") or "")
    if not address:
        return Outcome("no_sender", is_ignored=True)
    match = matching.match_reply(channel=Channel.NETWORK, address=address, sender=event.sender, now=event.received_at)
    if match is None:
        return Outcome("no_sender", is_ignored=True)
    conversation = receiving.lock(match.conversation)
    letter = receiving.Letter(
        kind="reply",
        channel=Channel.NETWORK,
        sender=event.sender,
        address=address,
        body=str(fields.get("text") or "").strip(),
        provider_id=f"{event.source}:{event.external_id}",
        attributes={"from_name": str(fields.get("name") or ""), "dated": str(fields.get("deliveredAt") or "")},
    )
    message, is_new = receiving.store(event, conversation, match, letter)
    if is_new:
        receiving.receive_answer(message, conversation, match)
    return Outcome("reply", message)
