"""What follows from a text message that came in: a keyword, or an answer; an opt-out in words is confirmed once."""

from __future__ import annotations

from typing import Any

import structlog

from conversations.consent import confirmations, keywords
from conversations.consent.models import Suppression
from conversations.consent.services import Target, suppress
from conversations.inbound import keywords as answers
from conversations.inbound import matching, receiving
from conversations.inbound.models import InboundEvent
from conversations.inbound.receiving import Outcome
from conversations.models import Conversation, Message
from conversations.planning.plans import MessagePlan
from conversations.planning.replying import PRIORITY, reply_stream
from conversations.planning.services import plan_message
from conversations.reading import reactions
from conversations.replies import optouts
from conversations.replies.models import Intent, Reading
from leads.models import Channel
from outreach.core import clock
from outreach.core.addresses import normalise_phone
from outreach.core.errors import Invalid, OutreachError
from outreach.jobs.services import enqueue

logger = structlog.get_logger(__name__)

MEDIA_TASK = "conversations.inbound.tasks.fetch_media"
CARRIER_ANSWERS = frozenset({"stop", "stopall", "stop all", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"})
"""Twilio confirms these by itself and takes nothing more for the number afterwards."""


def handle(event: InboundEvent) -> Outcome:
    fields = event.fields
    if ":" in str(fields.get("From") or ""):
        return _of_another_channel(event)
    address, ours = _phone(fields.get("From")), _phone(fields.get("To"))
    if not address:
        return Outcome("no_sender", is_ignored=True)
    sender = event.sender or matching.receiving_sender(Channel.SMS, [ours])
    match = matching.match_reply(channel=Channel.SMS, address=address, sender=sender, now=event.received_at)
    if match is None:
        return Outcome("no_sender", is_ignored=True)
    conversation = receiving.lock(match.conversation)
    body, carrier_says = str(fields.get("Body") or "").strip(), str(fields.get("OptOutType") or "")
    word = keywords.read(body, carrier_says=carrier_says)
    reaction = reactions.of_text(body) or ""
    kind = "keyword" if word else "reaction" if reaction else "reply"
    media = [str(fields[f"MediaUrl{i}"]) for i in range(10) if fields.get(f"MediaUrl{i}")]
    letter = receiving.Letter(
        kind=kind,
        channel=Channel.SMS,
        sender=sender,
        address=address,
        body=body,
        provider_id=str(fields.get("MessageSid") or f"{event.source}:{event.external_id}"),
        attributes={"media": media, "opt_out_type": carrier_says},
    )
    message, is_new = receiving.store(event, conversation, match, letter)
    if is_new and media and sender is not None and sender.adapter == "twilio":
        enqueue(MEDIA_TASK, message.pk, key=f"media:{message.pk}")
    if is_new and word:
        answers.apply(word, message, conversation)
    elif is_new and reaction:
        receiving.receive_reaction(message, match, reaction)
    elif is_new:
        reading = receiving.receive_answer(message, conversation, match)
        _confirm_opt_out(message, conversation, reading)
    return Outcome(kind, message)


def _of_another_channel(event: InboundEvent) -> Outcome:
    """`whatsapp:+1…`, `messenger:…`: no text message, and never answered by one. What opts out counts all the same."""
    channel, _, address = str(event.fields["From"]).partition(":")
    found = optouts.find(str(event.fields.get("Body") or ""))
    try:
        phone = normalise_phone(address)
    except Invalid:
        found = None
    if found is not None:
        suppress(
            Target(channel=Channel.SMS, address=phone),
            reason=Suppression.Reason.OPT_OUT,
            actor=receiving.ACTOR,
            evidence=f"{channel}: “{found.evidence}”",
        )
    return Outcome(channel[:20], is_ignored=True)


def _phone(value: Any) -> str:
    try:
        return normalise_phone(str(value or ""))
    except Invalid:
        return str(value or "").strip()[:64]  # short codes and names are no numbers, but somebody wrote


def _confirm_opt_out(message: Message, conversation: Conversation, reading: Reading) -> None:
    """One fixed confirmation, unless the carrier answers such words itself."""
    sender = message.sender
    if reading.intent != Intent.OPT_OUT or sender is None:
        return
    word = message.body.strip(" .!").lower()
    if message.attributes.get("opt_out_type") or (sender.adapter == "twilio" and word in CARRIER_ANSWERS):
        return
    try:
        plan_message(
            MessagePlan(
                conversation=conversation,
                sender=sender,
                channel=Channel.SMS,
                address=message.address,
                body=confirmations.TEXTS["ru" if reading.language in {"ru", "uk"} else "en"],
                stream=reply_stream(),
                scheduled_at=clock.now(),
                approval_rule=confirmations.RULE,
                attributes={confirmations.SERVICE: confirmations.CONFIRMATION},
                is_stopped_by_reply=False,
                priority=PRIORITY,
            )
        )
    except OutreachError as error:  # also suppressed for another reason, or a short code that takes no answer
        logger.info("inbound.not_confirmed", message=message.pk, reason=error.reason)
