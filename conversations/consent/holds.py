"""Somebody may want us to stop: nothing more goes out to them, on any channel, until a person has decided.

A hold is raised by what they wrote. The gate asks `OPEN` of every message. It ends with one click: they opt out, or we
keep writing.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from conversations.consent.models import Hold, Suppression
from conversations.consent.services import Target, suppress
from conversations.models import MESSAGE, Conversation, Message
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Refused
from outreach.core.models import Actor

CHECK = "not_held"
"""The gate's check that refuses while a hold is open."""
OPEN = """EXISTS (
    SELECT 1 FROM consent_hold h JOIN conversations_message i ON i.id = h.message_id
    WHERE h.decided_at IS NULL AND i.conversation_id = m.conversation_id)"""
"""SQL over the message `m`: whether a hold on its person is open."""


def open_on(conversation: Conversation) -> QuerySet[Hold]:
    """What waits for a decision in this conversation, the oldest first."""
    return Hold.objects.filter(message__conversation=conversation, decided_at=None).order_by("id")


@transaction.atomic
def hold(*, message: Message, evidence: str, actor: Actor) -> Hold:
    """Hold everything to whoever wrote `message`. Repeating it changes nothing."""
    row, is_new = Hold.objects.get_or_create(message=message, defaults={"evidence": evidence[:500]})
    if is_new:
        record("consent.held", subject=message.conversation, actor=actor, reason=evidence[:200])
    return row


@transaction.atomic
def keep_writing(*, conversation: Conversation, actor: Actor) -> int:
    """They did not want us to stop: what was held goes on; how many holds ended. Raises `Refused` when none is open."""
    count = _decide(conversation, outcome=Hold.Outcome.KEPT, actor=actor)
    Message.objects.filter(conversation=conversation, state=MESSAGE.DEFERRED, refused_by=CHECK).update(
        scheduled_at=clock.now(), updated_at=clock.now()
    )
    return count


@transaction.atomic
def opt_out(*, conversation: Conversation, actor: Actor) -> Suppression:
    """They did want us to stop: suppressed on every channel. Raises `Refused` when no hold is open."""
    first = open_on(conversation).select_related("message").first()
    _decide(conversation, outcome=Hold.Outcome.OPTED_OUT, actor=actor)
    assert first is not None
    return suppress(
        Target(lead=conversation.lead, channel=first.message.channel, address=first.message.address),
        reason=Suppression.Reason.OPT_OUT,
        actor=actor,
        evidence=first.evidence,
        message=first.message,
    )


def _decide(conversation: Conversation, *, outcome: str, actor: Actor) -> int:
    Conversation.objects.select_for_update(no_key=True).filter(pk=conversation.pk).first()
    count = open_on(conversation).order_by().update(decided_at=clock.now(), decided_by=actor.name, outcome=outcome)
    if not count:
        raise Refused(_("This was decided already."), code="changed_meanwhile")
    record("consent.hold_decided", subject=conversation, actor=actor, data={"outcome": outcome, "holds": count})
    return count
