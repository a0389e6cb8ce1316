"""Nothing automatic goes out in a conversation, on any channel, while a question about it is open.

What they wrote may be an opt-out; or a message from an unknown address may be their answer. The gate asks `OPEN` of
every message. A person answers with one click.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from conversations.consent.models import Hold, Suppression
from conversations.consent.services import Target, suppress
from conversations.models import Conversation, Message
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

CHECK = "not_held"
"""The gate's check that refuses while a hold is open."""
OPEN = """EXISTS (
    SELECT 1 FROM consent_hold h WHERE h.decided_at IS NULL AND h.conversation_id = m.conversation_id)"""
"""SQL over the message `m`: whether a hold on its conversation is open."""


def open_on(conversation: Conversation) -> QuerySet[Hold]:
    """What waits for a decision in this conversation, the oldest first."""
    return Hold.objects.filter(conversation=conversation, decided_at=None).order_by("id")


def open_opt_outs(conversation: Conversation) -> QuerySet[Hold]:
    """What may be an opt-out."""
    return open_on(conversation).filter(question=Hold.Question.STOP)


@transaction.atomic
def hold(*, message: Message, evidence: str, actor: Actor) -> Hold:
    """Hold everything to whoever wrote `message`: it may be an opt-out. Repeating it changes nothing."""
    return _hold(message, message.conversation, Hold.Question.STOP, evidence=evidence, actor=actor)


@transaction.atomic
def hold_for_answer(*, message: Message, conversation: Conversation, evidence: str, actor: Actor) -> Hold:
    """Hold `conversation`: `message`, from an unknown address, may belong there. Repeating it changes nothing."""
    return _hold(message, conversation, Hold.Question.WHOSE, evidence=evidence, actor=actor)


def _hold(message: Message, conversation: Conversation, question: str, *, evidence: str, actor: Actor) -> Hold:
    row, is_new = Hold.objects.get_or_create(
        message=message, conversation=conversation, question=question, defaults={"evidence": evidence[:500]}
    )
    if is_new:
        record("consent.held", subject=conversation, actor=actor, reason=evidence[:200], data={"question": question})
    return row


@transaction.atomic
def keep_writing(*, conversation: Conversation, actor: Actor) -> int:
    """They did not want us to stop: what was held goes on; how many holds ended. Raises `Refused` when none is open."""
    count = decide(open_opt_outs(conversation), outcome=Hold.Outcome.KEPT, actor=actor)
    release(conversation)
    return count


@transaction.atomic
def opt_out(*, conversation: Conversation, actor: Actor) -> Suppression:
    """They did want us to stop: suppressed on every channel. Raises `Refused` when no hold is open."""
    first = open_opt_outs(conversation).select_related("message").first()
    decide(open_opt_outs(conversation), outcome=Hold.Outcome.OPTED_OUT, actor=actor)
    assert first is not None
    return suppress(
        Target(lead=conversation.lead, channel=first.message.channel, address=first.message.address),
        reason=Suppression.Reason.OPT_OUT,
        actor=actor,
        evidence=first.evidence,
        message=first.message,
    )


def decide(questions: QuerySet[Hold], *, outcome: str, actor: Actor) -> int:
    """Answer open questions; how many. Raises `Refused` when somebody else did so before."""
    rows = list(questions.select_for_update(of=("self",)).select_related("conversation"))
    if not rows:
        raise Refused(_("This was decided already."), code="changed_meanwhile")
    Hold.objects.filter(pk__in=[row.pk for row in rows]).update(
        decided_at=clock.now(), decided_by=actor.name, outcome=outcome
    )
    for conversation in {row.conversation for row in rows}:
        record("consent.hold_decided", subject=conversation, actor=actor, data={"outcome": outcome, "holds": len(rows)})
    return len(rows)


def release(conversation: Conversation) -> None:
    """Look again at what the gate held, now that nothing is open."""
    if not open_on(conversation).exists():
        Message.objects.waiting().filter(conversation=conversation, refused_by=CHECK).update(
            scheduled_at=clock.now(), updated_at=clock.now()
        )
