"""Finds the conversation that something from outside belongs to, and the message that it is about.

In order of proof: an id of ours that the mail answers or returns; then the recipient's address, as the address of
somebody that we wrote to lately; then as an address of a lead; then, for a colleague of theirs, our subject or our
words below the answer; then as an earlier unknown contact. Anyone else becomes a contact of a new conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from conversations.models import MESSAGE, Conversation, Message
from conversations.reading.text import squeezed
from conversations.senders.models import Sender
from conversations.services import conversation_for
from leads.models import Channel, Identity
from outreach.core.addresses import is_free_mail
from outreach.core.secrets import address_digest

RECENT = timedelta(days=180)
"""How long after a message an answer without any thread header is still taken for its answer."""
COLLEAGUES_MESSAGES = 200
"""Our latest messages to a company that are looked at."""


@dataclass(frozen=True)
class Clue:
    """What else tells where a message belongs: its subject without "Re:", and what it quotes."""

    subject: str = ""
    quoted: str = ""


@dataclass(frozen=True)
class Match:
    """`original` is our message that this answers or is about; `how` is shown in the timeline."""

    conversation: Conversation
    original: Message | None
    how: str


def message_by_ids(ids: Sequence[str]) -> Message | None:
    """Our message with the first of these Message-IDs that is ours."""
    if not ids:
        return None
    found = {
        row.rfc_message_id: row
        for row in Message.objects.filter(direction=Message.Direction.OUT, rfc_message_id__in=list(ids)[:100])
    }
    return next((found[key] for key in ids if key in found), None)


def conversation_by_ids(ids: Sequence[str]) -> Conversation | None:
    """The conversation that holds one of these ids in either direction: a thread may go on among their colleagues."""
    row = (
        Message.objects.filter(rfc_message_id__in=list(ids)[:100]).select_related("conversation").first()
        if ids
        else None
    )
    return row.conversation if row else None


def sent_lately(channel: str, *, now: datetime) -> QuerySet[Message]:
    """What we sent within `RECENT`; an attempt without a known end is among it."""
    return (
        Message.objects.outgoing()
        .filter(channel=channel, created_at__gt=now - RECENT)
        .exclude(state__in=MESSAGE.not_left)
    )


def last_to_person(conversation: Conversation) -> Message | None:
    """The latest message that we sent in this conversation."""
    return conversation.messages.outgoing().exclude(state__in=MESSAGE.not_left).order_by("-id").first()


def last_to(channel: str, address: str, *, now: datetime, sender: Sender | None = None) -> Message | None:
    """The latest message that we sent to `address` within `RECENT`, from `sender` when it wrote there."""
    rows = sent_lately(channel, now=now).filter(address_digest=address_digest(address))
    from_sender = rows.filter(sender=sender).order_by("-id").first() if sender else None
    return from_sender or rows.order_by("-id").first()


def match_reply(
    *,
    channel: str,
    address: str,
    now: datetime,
    thread_ids: Sequence[str] = (),
    sender: Sender | None = None,
    is_contact_welcome: bool = True,
    clue: Clue | None = None,
) -> Match | None:
    """Where a message from `address` (normalised) belongs; makes a conversation with a contact when it belongs nowhere,
    or returns None when `is_contact_welcome` is false. `clue` helps with what an unknown address writes."""
    if original := message_by_ids(thread_ids):
        return Match(original.conversation, original, "thread")
    if conversation := conversation_by_ids(thread_ids):
        return Match(conversation, last_to(channel, address, now=now, sender=sender), "thread")
    if original := last_to(channel, address, now=now, sender=sender):
        return Match(original.conversation, original, "address")
    if identity := Identity.objects.select_related("lead").filter(channel=channel, address=address).first():
        return Match(conversation_for(lead=identity.lead), None, "lead")
    if clue is not None and (original := message_to_colleague(address, clue=clue, now=now)):
        return Match(original.conversation, original, "company")
    row = Conversation.objects.filter(contact=address, lead=None).first()
    if row is None and not is_contact_welcome:
        return None
    return Match(row or _contact(address), None, "contact")


def message_to_colleague(address: str, *, clue: Clue, now: datetime) -> Message | None:
    """Our e-mail to somebody of the same company that this answers: under our subject, or with our words below it.

    None where nothing of that fits or several people would.
    """
    domain = address.rpartition("@")[2]
    if not domain or is_free_mail(domain):
        return None
    rows = sent_lately(Channel.EMAIL, now=now).filter(lead__company__domain=domain).order_by("-id")
    fitting = [row for row in rows[:COLLEAGUES_MESSAGES] if fits(row, clue)]
    return fitting[0] if len({row.conversation_id for row in fitting}) == 1 else None


def fits(message: Message, clue: Clue) -> bool:
    """Whether something from outside has our subject, or our words below it."""
    ours, theirs = squeezed(message.subject).casefold(), squeezed(clue.subject).casefold()
    if ours and ours == theirs:
        return True
    words = squeezed(message.body)[:80]
    return len(words) > 30 and words in squeezed(clue.quoted.replace(">", " "))


def match_notice(*, ids: Sequence[str], address: str, now: datetime) -> Message | None:
    """Our message that a bounce or complaint is about."""
    original = message_by_ids(ids)
    if original is None and address:
        original = last_to(Channel.EMAIL, address, now=now)
    return original


def own_sender(channel: str, address: str) -> Sender | None:
    """The sender whose address this is: what it "receives" from itself is our own copy."""
    return Sender.objects.filter(channel=channel, address__iexact=address).first() if address else None


def receiving_sender(channel: str, addresses: Sequence[str]) -> Sender | None:
    """The sender that was written to."""
    return Sender.objects.filter(channel=channel, address__in=list(addresses)[:50]).order_by("id").first()


def _contact(address: str) -> Conversation:
    """The conversation with an unknown address, once, however many workers meet it at the same time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"contact:{address}"])
    row = Conversation.objects.filter(contact=address, lead=None).first()
    return row or Conversation.objects.create(contact=address)
