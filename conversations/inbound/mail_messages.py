"""What follows from an e-mail that came in: a notice, a mail program's unsubscription, a machine's or a person's answer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from conversations.consent import links
from conversations.consent.services import unsubscribe_by_message
from conversations.inbound import auto_replies, bounces, matching, notices, quotes, receiving
from conversations.inbound import mail as mails
from conversations.inbound.models import InboundEvent
from conversations.inbound.receiving import ACTOR, Outcome
from conversations.models import Conversation, Message
from conversations.outbox.events import record_event
from conversations.outbox.services import cancel_where
from conversations.replies import consequences
from conversations.replies import services as replies
from leads.models import Channel
from outreach.core.addresses import normalise_email
from outreach.core.errors import Invalid


def handle(event: InboundEvent, raw: bytes | None = None) -> Outcome:
    """An e-mail: the stored one, or `raw` as a provider told it."""
    mail = mails.parse(bytes(event.body) if raw is None else raw)
    notice = bounces.read_complaint(mail) or bounces.read_bounce(mail)
    if notice is not None:
        return notices.handle(event, notice)
    if _is_our_copy(mail):
        return Outcome("own_copy", is_ignored=True)
    if (number := links.message_id_of_subject(mail.subject)) is not None:
        return _unsubscribe_mail(number)
    try:
        address = normalise_email(mail.from_address)
    except Invalid:
        return Outcome("no_sender", is_ignored=True)
    automatic = auto_replies.read_auto_reply(mail, now=event.received_at)
    sender = event.sender or matching.receiving_sender(Channel.EMAIL, mail.to)
    match = matching.match_reply(
        channel=Channel.EMAIL,
        address=address,
        thread_ids=mail.thread_ids,
        sender=sender,
        now=event.received_at,
        is_contact_welcome=automatic is None,
    )
    if match is None:
        return Outcome("auto_reply", is_ignored=True)  # newsletters and robots that we never wrote to
    split = quotes.split(mail.text)
    kind = (
        "reply"
        if automatic is None
        else "out_of_office"
        if automatic.kind is auto_replies.Kind.OUT_OF_OFFICE
        else "auto_reply"
    )
    conversation = receiving.lock(match.conversation)
    message, is_new = receiving.store(
        event,
        conversation,
        match,
        kind=kind,
        channel=Channel.EMAIL,
        sender=sender,
        address=address,
        subject=mail.subject,
        body=split.reply,
        rfc_message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        attributes={
            "text": mail.text[:50_000],
            "quoted": split.quoted[:50_000],
            "signature": split.signature[:5_000],
            "attachments": list(mail.attachments)[:50],
            "from_name": mail.from_name,
            "cc": list(mail.cc)[:20],
            "dated": mail.date.isoformat() if mail.date else "",
        },
    )
    if is_new:
        if automatic is None:
            receiving.receive_answer(message, conversation, match)
        else:
            _automatic(message, conversation, match, automatic)
    return Outcome(kind, message)


def _unsubscribe_mail(message_id: int) -> Outcome:
    """The mail program's answer to `List-Unsubscribe: <mailto:…>`; the signed subject proves what it is about."""
    message = Message.objects.select_related("lead").filter(pk=message_id, direction=Message.Direction.OUT).first()
    if message is None:
        return Outcome("unsubscribe", is_ignored=True)
    receiving.lock(message.conversation)
    unsubscribe_by_message(message=message, how="unsubscribe mail")
    return Outcome("unsubscribe", message)


def _is_our_copy(mail: mails.Mail) -> bool:
    """Our own message as a folder or a copy brings it back, unless somebody answers to himself."""
    if (
        mail.message_id
        and Message.objects.filter(direction=Message.Direction.OUT, rfc_message_id=mail.message_id).exists()
    ):
        return True
    if matching.own_sender(Channel.EMAIL, mail.from_address) is None:
        return False
    original = matching.message_by_ids(mail.thread_ids)
    return original is None or original.address != mail.from_address


def _automatic(
    message: Message, conversation: Conversation, match: matching.Match, automatic: auto_replies.AutoReply
) -> None:
    reading = replies.read_automatic(message, automatic)
    if match.original is not None:
        record_event(
            message=match.original,
            kind="auto_replied",
            occurred_at=receiving.time_of(message),
            external_id=f"auto:{message.pk}",
            data={"kind": str(automatic.kind)},
        )
    if automatic.kind is auto_replies.Kind.LEFT:
        reason = _("Left: “%(text)s”") % {"text": message.body[:150]}
        consequences.invalidate(channel=message.channel, address=message.address, reason=reason)
        cancel_where(receiving.planned(conversation), actor=ACTOR, reason=_("The person no longer works there."))
        receiving.wait(conversation, since=receiving.time_of(message))
    elif automatic.kind is auto_replies.Kind.OUT_OF_OFFICE:
        consequences.apply(reading, message=message, conversation=conversation)
    replies.announce(reading)
