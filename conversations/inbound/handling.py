"""Understands one stored event and does what follows, once, whatever comes twice or out of order.

The event's row lock makes two workers one; the conversation's row lock orders what belongs together. Everything
happens in one transaction: the stored message, its reading, what it stops and whom it tells. An event that fails keeps
its error, is tried again with growing pauses, and may be handled again by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from conversations.consent import confirmations, keywords, links
from conversations.consent.models import Suppression
from conversations.consent.services import suppress, unsubscribe_by_message
from conversations.delivery.events import record_event
from conversations.delivery.replying import PRIORITY, reply_stream
from conversations.delivery.services import cancel_where, plan_message
from conversations.inbound import auto_replies, bounces, matching, quotes
from conversations.inbound import keywords as answers
from conversations.inbound import mail as mails
from conversations.inbound.models import INBOUND, InboundEvent
from conversations.models import CONVERSATION, Conversation, Message
from conversations.replies import consequences
from conversations.replies import services as replies
from conversations.replies.models import Intent, Reading
from conversations.senders.models import Sender
from leads.models import Channel, Lead
from outreach.core import clock
from outreach.core.addresses import normalise_email, normalise_phone
from outreach.core.errors import Invalid, OutreachError
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.jobs.services import enqueue

logger = structlog.get_logger(__name__)

ACTOR = Actor.system("inbound")
OPEN = ("stored", "failed")
MAX_ATTEMPTS = 6
TASK = "conversations.inbound.tasks.handle"
MEDIA_TASK = "conversations.inbound.tasks.fetch_media"


@dataclass(frozen=True)
class Outcome:
    """What an event turned out to be, and the message that it made or is about."""

    kind: str
    message: Message | None = None
    is_ignored: bool = False


def handle(event: InboundEvent) -> None:
    """Handle one event if nobody did yet; `event` is refreshed. A fault is written to the row, never raised."""
    try:
        with transaction.atomic():
            row = InboundEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
            if row.state in OPEN:
                outcome = _handler(row.source)(row)
                INBOUND.move(
                    row,
                    "ignored" if outcome.is_ignored else "handled",
                    actor=ACTOR,
                    changes={
                        "kind": outcome.kind,
                        "message": outcome.message,
                        "error": "",
                        "handled_at": clock.now(),
                        "attempts": row.attempts + 1,
                    },
                )
    except Exception as error:
        logger.exception("inbound.failed", inbound_event=event.pk, source=event.source)
        _record_fault(event, error)
    event.refresh_from_db()


def _record_fault(event: InboundEvent, error: Exception) -> None:
    with transaction.atomic():
        row = InboundEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
        if row.state not in OPEN:
            return
        attempts = row.attempts + 1
        InboundEvent.objects.filter(pk=row.pk).update(
            state="failed", attempts=attempts, error=f"{type(error).__name__}: {error}"[:4_000]
        )
        if attempts < MAX_ATTEMPTS:
            enqueue(TASK, row.pk, priority=5, delay=timedelta(seconds=15 * attempts * attempts))


# --- e-mail ------------------------------------------------------------------------------------------------------------


def _mail(event: InboundEvent, raw: bytes | None = None) -> Outcome:
    """An e-mail: the stored one, or `raw` as a provider told it."""
    mail = mails.parse(bytes(event.body) if raw is None else raw)
    notice = bounces.read_complaint(mail) or bounces.read_bounce(mail)
    if notice is not None:
        return _notice(event, notice)
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
    conversation = _lock(match.conversation)
    message, is_new = _store(
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
            _human(message, conversation, match)
        else:
            _automatic(message, conversation, match, automatic)
    return Outcome(kind, message)


def _unsubscribe_mail(message_id: int) -> Outcome:
    """The mail program's answer to `List-Unsubscribe: <mailto:…>`; the signed subject proves what it is about."""
    message = Message.objects.select_related("lead").filter(pk=message_id, direction=Message.Direction.OUT).first()
    if message is None:
        return Outcome("unsubscribe", is_ignored=True)
    _lock(message.conversation)
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
            occurred_at=_at(message),
            external_id=f"auto:{message.pk}",
            data={"kind": str(automatic.kind)},
        )
    if automatic.kind is auto_replies.Kind.LEFT:
        reason = _("Left: “%(text)s”") % {"text": message.body[:150]}
        consequences.invalidate(channel=message.channel, address=message.address, reason=reason)
        cancel_where(_planned(conversation), actor=ACTOR, reason=_("The person no longer works there."))
        _wait(conversation, since=_at(message))
    elif automatic.kind is auto_replies.Kind.OUT_OF_OFFICE:
        consequences.apply(reading, message=message, conversation=conversation)
    replies.announce(reading)


def _notice(event: InboundEvent, notice: bounces.Notice) -> Outcome:
    """A bounce, receipt or abuse report: events on the messages that it names, and what follows for the addresses."""
    about: Message | None = None
    for recipient in notice.recipients or (None,):
        address = recipient.address if recipient else ""
        original = matching.match_notice(ids=notice.returned_ids, address=address, now=event.received_at)
        if original is None:
            continue
        about = about or original
        _lock(original.conversation)
        if recipient is None:
            record_event(
                message=original,
                kind="bounced",
                occurred_at=event.received_at,
                external_id=f"inbound:{event.pk}:{original.pk}",
            )
        elif notice.kind == "complaint":
            _complaint(event, original, recipient)
        else:
            _bounce(event, original, recipient)
    return Outcome(notice.kind, about, is_ignored=about is None)


_EVENT = {bounces.Reason.DELIVERED: "delivered", bounces.Reason.DELAYED: "delayed"}


def _bounce(event: InboundEvent, original: Message, recipient: bounces.Recipient) -> None:
    is_still_tried = recipient.reason is bounces.Reason.DELAYED and recipient.action == "delayed"
    kind = "delivered" if recipient.reason is bounces.Reason.DELIVERED else "delayed" if is_still_tried else "bounced"
    reason = recipient.diagnostic or str(recipient.reason)
    record_event(
        message=original,
        kind=kind,
        occurred_at=event.received_at,
        external_id=f"inbound:{event.pk}:{original.pk}",
        data={
            "code": recipient.status,
            "reason": reason[:500],
            "class": str(recipient.reason),
            "is_hard": recipient.is_hard,
            "address": recipient.address,
        },
    )
    if kind == "bounced" and recipient.is_hard:
        # the address that we wrote to, never one that a notice merely claims
        consequences.invalidate(channel=Channel.EMAIL, address=original.address, reason=reason)
        suppress(
            reason=Suppression.Reason.BOUNCE,
            actor=ACTOR,
            evidence=f"{recipient.status} {reason}".strip()[:500],
            channel=Channel.EMAIL,
            address=original.address,
            message=original,
        )


def _complaint(event: InboundEvent, original: Message, recipient: bounces.Recipient) -> None:
    record_event(
        message=original,
        kind="complained",
        occurred_at=event.received_at,
        external_id=f"inbound:{event.pk}:{original.pk}",
        data={"reason": recipient.diagnostic},
    )
    suppress(
        reason=Suppression.Reason.COMPLAINT,
        actor=ACTOR,
        evidence=_("Abuse report from the recipient's mail provider"),
        lead=original.lead,
        channel=Channel.EMAIL,
        address=original.address,
        message=original,
    )


# --- text messages -------------------------------------------------------------------------------------------------------


def _text(event: InboundEvent) -> Outcome:
    fields = event.fields
    address, ours = _phone(fields.get("From")), _phone(fields.get("To"))
    if not address:
        return Outcome("no_sender", is_ignored=True)
    sender = event.sender or matching.receiving_sender(Channel.SMS, [ours])
    match = matching.match_reply(channel=Channel.SMS, address=address, sender=sender, now=event.received_at)
    if match is None:
        return Outcome("no_sender", is_ignored=True)
    conversation = _lock(match.conversation)
    body, carrier_says = str(fields.get("Body") or "").strip(), str(fields.get("OptOutType") or "")
    word = keywords.read(body, carrier_says=carrier_says)
    media = [str(fields[f"MediaUrl{i}"]) for i in range(10) if fields.get(f"MediaUrl{i}")]
    message, is_new = _store(
        event,
        conversation,
        match,
        kind="keyword" if word else "reply",
        channel=Channel.SMS,
        sender=sender,
        address=address,
        body=body,
        provider_id=str(fields.get("MessageSid") or f"{event.source}:{event.external_id}"),
        attributes={"media": media, "opt_out_type": carrier_says},
    )
    if is_new and media and sender is not None and sender.adapter == "twilio":
        enqueue(MEDIA_TASK, message.pk, key=f"media:{message.pk}")
    if is_new and word:
        answers.apply(word, message, conversation)
    elif is_new:
        _human(message, conversation, match)
    return Outcome("keyword" if word else "reply", message)


def _network(event: InboundEvent) -> Outcome:
    """A message of a professional network, as the account's inbox showed it."""
    fields = event.fields
    address = str(fields.get("address") or "")
    if not address:
        return Outcome("no_sender", is_ignored=True)
    match = matching.match_reply(channel=Channel.NETWORK, address=address, sender=event.sender, now=event.received_at)
    if match is None:
        return Outcome("no_sender", is_ignored=True)
    conversation = _lock(match.conversation)
    message, is_new = _store(
        event,
        conversation,
        match,
        kind="reply",
        channel=Channel.NETWORK,
        sender=event.sender,
        address=address,
        body=str(fields.get("text") or "").strip(),
        provider_id=f"{event.source}:{event.external_id}",
        attributes={"from_name": str(fields.get("name") or ""), "dated": str(fields.get("deliveredAt") or "")},
    )
    if is_new:
        _human(message, conversation, match)
    return Outcome("reply", message)


def _phone(value: Any) -> str:
    try:
        return normalise_phone(str(value or ""))
    except Invalid:
        return str(value or "").strip()[:64]  # short codes and names are no numbers, but somebody wrote


# --- shared --------------------------------------------------------------------------------------------------------------


def _lock(conversation: Conversation) -> Conversation:
    return Conversation.objects.select_for_update(of=("self",)).select_related("lead").get(pk=conversation.pk)


def _store(
    event: InboundEvent,
    conversation: Conversation,
    match: matching.Match,
    *,
    kind: str,
    channel: str,
    sender: Sender | None,
    address: str,
    attributes: dict[str, Any],
    body: str,
    subject: str = "",
    rfc_message_id: str = "",
    in_reply_to: str = "",
    provider_id: str = "",
) -> tuple[Message, bool]:
    """The inbound message and whether it is new: the same mail in two mailboxes is one message."""
    known = conversation.messages.filter(direction=Message.Direction.IN)
    if provider_id:
        known = known.filter(provider_id=provider_id)
    elif rfc_message_id:
        known = known.filter(rfc_message_id=rfc_message_id)
    else:
        known = known.filter(inbound_events=event)
    if existing := known.first():
        return existing, False
    original = match.original
    message = Message.objects.create(
        conversation=conversation,
        lead=conversation.lead,
        sender=sender or (original.sender if original else None),
        stream=original.stream if original else None,
        direction=Message.Direction.IN,
        channel=channel,
        state="received",
        address=address,
        address_digest=address_digest(address),
        subject=subject[:500],
        body=body,
        attributes={**attributes, "kind": kind, "matched_by": match.how},
        follows=original,
        rfc_message_id=rfc_message_id[:500],
        in_reply_to=in_reply_to[:500],
        provider_id=provider_id,
        # when we learned of it: a sender's wrong clock must not hide a reply from what it stops
        received_at=event.received_at,
    )
    return message, True


def _human(message: Message, conversation: Conversation, match: matching.Match) -> None:
    """A person answered: everything that follows, under the conversation's lock."""
    at = _at(message)
    if match.original is not None:
        record_event(message=match.original, kind="replied", occurred_at=at, external_id=f"reply:{message.pk}")
    cancel_where(_planned(conversation), actor=ACTOR, reason=_("They replied."), check="no_reply")
    Conversation.objects.filter(pk=conversation.pk).update(
        last_inbound_at=Greatest(Coalesce(F("last_inbound_at"), at), at), snoozed_until=None, snooze_reason=""
    )
    _wait(conversation, since=at)
    if conversation.lead_id:
        Lead.objects.filter(pk=conversation.lead_id).update(
            last_replied_at=Greatest(Coalesce(F("last_replied_at"), at), at)
        )
    conversation.refresh_from_db()
    if conversation.state in {"new", "dormant", "closed"}:
        CONVERSATION.move(conversation, "engaged", actor=ACTOR)
    consequences.supersede_suggestions(conversation, actor=ACTOR, reason=_("They wrote again."))
    reading = replies.receive(message, conversation)
    _confirm_opt_out(message, conversation, reading)


def _planned(conversation: Conversation) -> Q:
    return Q(conversation=conversation, is_stopped_by_reply=True)


def _wait(conversation: Conversation, *, since: Any) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(
        waiting_since=Coalesce(F("waiting_since"), since), updated_at=clock.now()
    )
    conversation.refresh_from_db()


def _at(message: Message) -> Any:
    return message.received_at or message.created_at


CARRIER_ANSWERS = frozenset({"stop", "stopall", "stop all", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"})
"""Twilio confirms these by itself and takes nothing more for the number afterwards."""


def _confirm_opt_out(message: Message, conversation: Conversation, reading: Reading) -> None:
    """One fixed confirmation by text message, unless the carrier answers such words itself."""
    sender = message.sender
    if reading.intent != Intent.OPT_OUT or message.channel != Channel.SMS or sender is None:
        return
    word = message.body.strip(" .!").lower()
    if message.attributes.get("opt_out_type") or (sender.adapter == "twilio" and word in CARRIER_ANSWERS):
        return
    try:
        plan_message(
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
    except OutreachError as error:  # also suppressed for another reason, or a short code that takes no answer
        logger.info("inbound.not_confirmed", message=message.pk, reason=error.reason)


# --- dispatch --------------------------------------------------------------------------------------------------------------


def _sandbox(event: InboundEvent) -> Outcome:
    """A simulated recipient: raw mail, a text message, or what became of one of ours."""
    if bytes(event.body):
        return _mail(event)
    if event.fields.get("From"):
        return _text(event)
    return _sandbox_status(event)


def _sandbox_status(event: InboundEvent) -> Outcome:
    message = Message.objects.filter(pk=event.fields.get("message_id") or 0).first()
    kind = str(event.fields.get("kind") or event.fields.get("event") or "")
    if message is None or not kind:
        return Outcome("unknown", is_ignored=True)
    record_event(
        message=message,
        kind=kind,
        occurred_at=event.received_at,
        external_id=f"{event.source}:{event.external_id}",
        data=dict(event.fields),
    )
    return Outcome("status", message)


def _status(event: InboundEvent) -> Outcome:
    from conversations.inbound import twilio_status  # type: ignore[attr-defined,unused-ignore]

    message = twilio_status.handle(event)
    return Outcome("status", message, is_ignored=message is None)


def _provider(event: InboundEvent) -> Outcome:
    from conversations.inbound import provider_news

    if (raw := provider_news.reply_of(event)) is not None:
        return _mail(event, raw)
    kind, message = provider_news.handle(event)
    return Outcome(kind, message, is_ignored=message is None and kind != "confirmation")


HANDLERS: dict[str, Callable[[InboundEvent], Outcome]] = {
    "twilio.status": _status,
    "twilio.message": _text,
    "provider": _provider,
    "sandbox": _sandbox,
    "imap": _mail,
    "network": _network,
}
"""Source prefix → what understands it; the first that fits."""


def _handler(source: str) -> Callable[[InboundEvent], Outcome]:
    for prefix, handler in HANDLERS.items():
        if source == prefix or source.startswith(f"{prefix}."):
            return handler
    raise Invalid("source", f"nothing handles “{source}”", code="unknown_source")
