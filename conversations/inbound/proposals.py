"""An answer from an address that we never wrote to: whose is it?

It starts a new conversation, and the people whose answer it may be are proposed. Until a person decides, nothing
automatic goes to them: a follow-up to somebody who has just answered from a private address reads like a robot's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from conversations.consent import holds
from conversations.consent.models import Hold
from conversations.inbound import matching, receiving
from conversations.models import Conversation, Message
from conversations.replies import consequences, listing
from leads.cleaning import cells as cleaning
from leads.models import Channel
from leads.services import add_identity
from outreach.core.addresses import is_free_mail
from outreach.core.audit import record
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _

MOST = 3
"""People that are proposed for one message; more would be guessing."""
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")


@dataclass(frozen=True)
class Likely:
    """Our message that this may answer, and why we think so."""

    original: Message
    why: str


def propose(message: Message, *, clue: matching.Clue, now: datetime) -> list[Hold]:
    """Hold the conversations that `message`, from an unknown address, may belong to; in the caller's transaction."""
    return [
        holds.hold_for_answer(
            message=message, conversation=found.original.conversation, evidence=found.why, actor=receiving.ACTOR
        )
        for found in likely(message, clue=clue, now=now)
    ]


def likely(message: Message, *, clue: matching.Clue, now: datetime) -> list[Likely]:
    """Whose answer `message` may be, at most `MOST` people, the most likely first.

    By our mail's address in what they quote, by their company where several colleagues fit, by their name.
    """
    denied = Hold.objects.filter(message__conversation=message.conversation_id, question=Hold.Question.WHOSE)
    known = set(denied.exclude(decided_at=None).values_list("conversation_id", flat=True))
    found: dict[int, Likely] = {}
    for guess in _guesses(message, clue, now):
        if guess.original.conversation_id not in known:
            found.setdefault(guess.original.conversation_id, guess)
        if len(found) == MOST:
            break
    return list(found.values())


def _guesses(message: Message, clue: matching.Clue, now: datetime) -> Iterator[Likely]:
    lately = matching.sent_lately(Channel.EMAIL, now=now).select_related("conversation").order_by("-id")
    quoted = sorted(set(_ADDRESS.findall(clue.quoted.lower())))[:20]
    for row in lately.filter(address_digest__in=[address_digest(address) for address in quoted])[:MOST]:
        yield Likely(row, _("Our message to them is quoted below the answer."))
    yield from _colleagues(message.address, clue, lately)
    name = cleaning.key(str(message.attributes.get("from_name", "")))
    if " " in name:
        for row in lately.filter(lead__name_key=name, lead__erased_at=None)[: MOST * 3]:
            yield Likely(row, _("They have the same name."))


def _colleagues(address: str, clue: matching.Clue, lately: QuerySet[Message]) -> Iterator[Likely]:
    domain = address.rpartition("@")[2]
    if not domain or is_free_mail(domain):
        return
    for row in lately.filter(lead__company__domain=domain)[: matching.COLLEAGUES_MESSAGES]:
        if matching.fits(row, clue):
            yield Likely(row, _("They work at the same company, and the subject or the quoted text is ours."))


@transaction.atomic
def attach(*, hold: Hold, actor: Actor) -> Conversation:
    """It is their answer: the message joins their conversation with all that follows from it, its address becomes theirs.

    Returns their conversation. Raises `Refused` when the question is answered already or the address has a lead.
    """
    stranger, target = _locked(hold)
    if target.lead is None or stranger.lead_id is not None:
        raise Refused(_("This message already belongs to a lead."), code="changed_meanwhile")
    holds.decide(Hold.objects.filter(pk=hold.pk, decided_at=None), outcome=Hold.Outcome.ATTACHED, actor=actor)
    _let_others_go(hold, actor=actor)
    add_identity(
        lead=target.lead, channel=hold.message.channel, address=hold.message.address, actor=actor, is_primary=False
    )
    said = list(stranger.messages.order_by("id"))
    original = matching.last_to_person(target)
    consequences.supersede_suggestions(stranger, actor=actor, reason=_("Moved to the person's conversation."))
    stranger.suggestions.update(conversation=target)
    stranger.holds.update(conversation=target)
    stranger.bookings.update(conversation=target)
    stranger.messages.update(conversation=target, lead=target.lead, follows=original)
    stranger.delete()
    for message in said:
        message.refresh_from_db()
        if message.is_from_person:
            receiving.receive_answer(message, target, matching.Match(target, original, "person"))
    holds.release(target)
    listing.refresh([target.pk])
    record("conversation.answer_attached", subject=target, actor=actor, data={"messages": [row.pk for row in said]})
    return target


@transaction.atomic
def dismiss(*, hold: Hold, actor: Actor) -> None:
    """It is somebody else's: their follow-ups go on. Raises `Refused` when the question is answered already."""
    _locked(hold)
    holds.decide(Hold.objects.filter(pk=hold.pk, decided_at=None), outcome=Hold.Outcome.KEPT, actor=actor)
    holds.release(hold.conversation)


def _locked(hold: Hold) -> tuple[Conversation, Conversation]:
    """The conversation that the message is in and the one that waits, locked in the order of their numbers."""
    numbers = [hold.message.conversation_id, hold.conversation_id]
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("lead").order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=numbers)}
    return found[numbers[0]], found[numbers[1]]


def _let_others_go(hold: Hold, *, actor: Actor) -> None:
    """Whoever else was proposed for the same message is not its writer."""
    others = Hold.objects.filter(message__conversation=hold.message.conversation_id, question=Hold.Question.WHOSE)
    others = others.filter(decided_at=None).exclude(conversation=hold.conversation_id)
    waiting = list(Conversation.objects.filter(holds__in=others).distinct())
    if waiting:
        holds.decide(others, outcome=Hold.Outcome.KEPT, actor=actor)
    for conversation in waiting:
        holds.release(conversation)
