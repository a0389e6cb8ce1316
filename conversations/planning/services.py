"""Put a message into the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from conversations.consent import confirmations
from conversations.consent.confirmations import is_confirmation
from conversations.files.enclosures import Enclosure
from conversations.models import Conversation, Message, MessageEvent
from conversations.outbox import moment
from conversations.outbox.content import content_hash, new_message_id
from conversations.outbox.lanes import wake
from conversations.outbox.models import Stream
from conversations.planning import checks, first_text
from conversations.senders.assigning import check_takes
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.access.models import User
from outreach.core.errors import Invalid
from outreach.core.secrets import address_digest
from outreach.llm.models import Interaction


@transaction.atomic
def plan_message(
    *,
    conversation: Conversation,
    sender: Sender,
    channel: str,
    address: str,
    body: str,
    stream: Stream,
    scheduled_at: datetime,
    subject: str = "",
    body_html: str = "",
    language: str = "",
    interaction: Interaction | None = None,
    approved_by: User | None = None,
    approval_rule: str = "",
    follows: Message | None = None,
    priority: int = 0,
    is_stopped_by_reply: bool | None = None,
    attributes: Mapping[str, Any] | None = None,
    author: User | None = None,
    in_reply_to: str = "",
    files: Sequence[Enclosure] = (),
) -> Message:
    """Put one message into the outbox, to leave at `scheduled_at` or later through the gate.

    A follow-up (`follows`) leaves from the sender of the message that it follows, in its thread, as `Re: …`. Approved by
    a person or a rule, the row carries the hash of exactly this content; without an approval it never leaves. Its time is
    the first opening of its hours from `scheduled_at` on. A first text message is completed as the policy says. `files`
    are enclosed (e-mail and SMS); an inline image is shown below the text.
    Raises `Invalid` for bad content or a bad address, `Refused` for a suppressed, erased or (sandbox) wrong recipient and
    for a closed stream.
    """
    if follows is not None and follows.channel == channel and follows.sender is not None:
        sender = follows.sender
        subject = checks.reply_subject(follows.subject, subject)
        in_reply_to = in_reply_to or follows.rfc_message_id
    lead = conversation.lead
    check_takes(sender=sender, lead=lead, is_follow_up=follows is not None or bool(in_reply_to))
    address = checks.check_recipient(
        channel=channel,
        address=address,
        sender=sender,
        stream=stream,
        lead=lead,
        is_confirmation=is_confirmation(rule=approval_rule, channel=channel, body=body),
    )
    if channel != Channel.EMAIL:  # nothing to show an image in
        files = [Enclosure(file.content_hash, file.name) for file in files]
    body_html = body_html or checks.html_for(body, files)
    if channel == Channel.SMS and not confirmations.is_service(attributes):
        body = first_text.complete(conversation=conversation, sender=sender, body=body, language=language)
    checks.check_content(channel=channel, subject=subject, body=body, body_html=body_html)
    enclosures = checks.checked_enclosures(channel, files, sender)
    if scheduled_at.tzinfo is None:
        raise Invalid("scheduled_at", _("The time has no time zone."), code="naive_time")
    is_approved = approved_by is not None or bool(approval_rule)
    now = moment.now()
    message = Message(
        conversation=conversation,
        lead=lead,
        stream=stream,
        sender=sender,
        channel=channel,
        address=address,
        address_digest=address_digest(address),
        subject=subject,
        body=body,
        body_html=body_html,
        enclosures=enclosures,
        language=language,
        attributes={**(attributes or {}), **checks.tracking_marks(channel, stream)},
        author=author,
        interaction=interaction,
        approved_hash=content_hash(
            channel=channel,
            sender_id=sender.pk,
            address=address,
            subject=subject,
            body=body,
            body_html=body_html,
            enclosures=enclosures,
        )
        if is_approved
        else "",
        approved_by=approved_by,
        approved_at=now if is_approved else None,
        approval_rule=approval_rule,
        follows=follows,
        rfc_message_id=new_message_id(channel, sender.address),
        in_reply_to=in_reply_to,
        priority=priority,
        is_stopped_by_reply=stream.is_stopped_by_reply if is_stopped_by_reply is None else is_stopped_by_reply,
        scheduled_at=scheduled_at,
        planned_at=now,
    )
    checks.set_time(message, now)
    message.save(force_insert=True)
    MessageEvent.objects.create(
        message=message, kind="scheduled", occurred_at=now, data={"for": scheduled_at.isoformat()}
    )
    if is_approved and message.scheduled_at and message.scheduled_at <= now and stream.state == "active":
        wake(channel)
    return message
