"""What follows from an e-mail that came in: a notice, a mail program's unsubscription, a machine's or a person's answer."""

from __future__ import annotations

from typing import Any

from conversations.consent import links
from conversations.consent.services import unsubscribe_by_message
from conversations.inbound import calendar_answers, matching, notices, proposals, receiving
from conversations.inbound.models import InboundEvent
from conversations.inbound.receiving import ACTOR, Outcome
from conversations.models import Conversation, Message
from conversations.outbox.events import record_event
from conversations.outbox.services import cancel_where
from conversations.reading import automatic, incoming, quotes
from conversations.reading.incoming import Incoming, Kind
from conversations.reading.mail import Mail
from conversations.replies import consequences
from conversations.replies import services as replies
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.core.addresses import normalise_email
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

STORED_AS = {
    Kind.PERSON: "reply",
    Kind.CALENDAR: "calendar",
    Kind.REACTION: "reaction",
    Kind.ABSENCE: "out_of_office",
    Kind.LEFT: "auto_reply",
    Kind.AUTO_REPLY: "auto_reply",
}
"""Kinds of mail that become a message of a conversation, and what the message is called."""


def handle(event: InboundEvent, raw: bytes | None = None) -> Outcome:
    """An e-mail: the stored one, or `raw` from a provider."""
    read = incoming.read(bytes(event.body) if raw is None else raw, now=event.received_at)
    mail = read.mail
    if read.notice is not None:
        return notices.handle(event, read.notice)
    if _is_our_copy(mail):
        return Outcome("own_copy", is_ignored=True)
    if (number := links.message_id_of_subject(mail.subject)) is not None:
        return _unsubscribe_mail(number)
    if read.kind is Kind.RECEIPT:
        return notices.handle_read_receipt(event, read)
    if read.kind is Kind.REPORT:
        return Outcome("report", is_ignored=True)
    try:
        address = normalise_email(mail.from_address)
    except Invalid:
        return Outcome("no_sender", is_ignored=True)
    sender = event.sender or matching.receiving_sender(Channel.EMAIL, mail.to)
    clue = matching.Clue("" if read.own_subject else read.subject_words, read.split.quoted[:20_000])
    match = matching.match_reply(
        channel=Channel.EMAIL,
        address=address,
        thread_ids=mail.thread_ids,
        sender=sender,
        now=event.received_at,
        is_contact_welcome=read.kind in {Kind.PERSON, Kind.CALENDAR},
        clue=clue,
    )
    if match is None:
        return Outcome(STORED_AS[read.kind], is_ignored=True)  # robots that we never wrote to
    outcome = _take(event, read, match, sender=sender, address=address)
    if match.how == "contact" and outcome.message is not None:
        proposals.propose(outcome.message, clue=clue, now=event.received_at)
    return outcome


def _take(
    event: InboundEvent, read: Incoming, match: matching.Match, *, sender: Sender | None, address: str
) -> Outcome:
    """Store what somebody or some machine wrote, and do what follows."""
    split = _split_knowing_ours(read, match)
    conversation = receiving.lock(match.conversation)
    kind = STORED_AS[read.kind]
    letter = receiving.Letter(
        kind=kind,
        channel=Channel.EMAIL,
        sender=sender,
        address=address,
        subject=read.mail.subject,
        body=_body(read, split),
        rfc_message_id=read.mail.message_id,
        in_reply_to=read.mail.in_reply_to,
        attributes=_attributes(read, split),
    )
    message, is_new = receiving.store(event, conversation, match, letter)
    if not is_new:
        return Outcome(kind, message)
    if read.calendar is not None:
        calendar_answers.receive(message, conversation, match, read.calendar, has_words=bool(split.reply))
    elif read.automatic is not None:
        _automatic(message, conversation, match, read.automatic)
    elif read.kind is Kind.REACTION:
        receiving.receive_reaction(message, match, read.reaction)
    else:
        receiving.receive_answer(message, conversation, match)
    return Outcome(kind, message)


def _split_knowing_ours(read: Incoming, match: matching.Match) -> quotes.Split:
    """The parts of the text, with our message at hand where they would be guessed without it."""
    if match.original is None or (read.split.is_certain and read.split.reply) or read.kind is not Kind.PERSON:
        return read.split
    return quotes.split(read.mail.text, ours=match.original.body)


def _body(read: Incoming, split: quotes.Split) -> str:
    if read.calendar is not None:
        return calendar_answers.sentence(read.calendar, split.reply)
    if read.kind is Kind.REACTION:
        return read.reaction
    return split.reply


def _attributes(read: Incoming, split: quotes.Split) -> dict[str, Any]:
    mail = read.mail
    told: dict[str, Any] = {
        "text": mail.text[:50_000],
        "quoted": split.quoted[:50_000],
        "signature": split.signature[:5_000],
        "attachments": list(mail.attachments)[:50],
        "from_name": mail.from_name,
        "to": list(mail.to)[:20],
        "cc": list(mail.cc)[:20],
        "dated": mail.date.isoformat() if mail.date else "",
    }
    if read.calendar is not None:
        told["calendar"] = calendar_answers.facts(read.calendar)
    if mail.unreadable:
        told["unreadable"] = mail.unreadable
    if mail.is_sender_doubted:
        told["is_sender_doubted"] = True
    if own_subject := read.own_subject:
        told["own_subject"] = own_subject[:500]
    if not split.is_certain:
        told["is_reply_guessed"] = True
    return told


def _unsubscribe_mail(message_id: int) -> Outcome:
    """The mail program's answer to `List-Unsubscribe: <mailto:…>`; the signed subject proves what it is about."""
    message = Message.objects.select_related("lead").filter(pk=message_id, direction=Message.Direction.OUT).first()
    if message is None:
        return Outcome("unsubscribe", is_ignored=True)
    receiving.lock(message.conversation)
    unsubscribe_by_message(message=message, how="unsubscribe mail")
    return Outcome("unsubscribe", message)


def _is_our_copy(mail: Mail) -> bool:
    """Our own message coming back from a folder or a copy, unless someone replies to themselves."""
    if (
        mail.message_id
        and Message.objects.filter(direction=Message.Direction.OUT, rfc_message_id=mail.message_id).exists()
    ):
        return True
    if matching.own_sender(Channel.EMAIL, mail.from_address) is None:
        return False
    original = matching.message_by_ids(mail.thread_ids)
    return original is None or original.address != mail.from_address


def _automatic(message: Message, conversation: Conversation, match: matching.Match, found: automatic.AutoReply) -> None:
    reading = replies.read_automatic(message, found)
    opt_out = replies.read_opt_out(message)
    if match.original is not None:
        record_event(
            message=match.original,
            kind="auto_replied",
            occurred_at=receiving.time_of(message),
            external_id=f"auto:{message.pk}",
            data={"kind": str(found.kind)},
        )
    if found.kind is automatic.Kind.LEFT:
        reason = _("Left the company: “%(text)s”") % {"text": message.body[:150]}
        consequences.invalidate(channel=message.channel, address=message.address, reason=reason)
        cancel_where(receiving.planned(conversation), actor=ACTOR, reason=_("The person no longer works there."))
        receiving.wait(conversation, since=receiving.time_of(message))
    elif found.kind is automatic.Kind.MOVED:
        receiving.wait(conversation, since=receiving.time_of(message))
    elif found.kind is automatic.Kind.OUT_OF_OFFICE and not found.is_over:
        consequences.apply(reading, message=message, conversation=conversation)
    if opt_out is not None:
        consequences.apply(opt_out, message=message, conversation=conversation)
    replies.announce(opt_out or reading)
