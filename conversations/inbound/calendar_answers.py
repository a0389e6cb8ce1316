"""What follows from the answer of a calendar: an accepted invitation is a booked call, everything else is for a person."""

from __future__ import annotations

from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from conversations.inbound import matching, receiving
from conversations.inbound.receiving import ACTOR
from conversations.models import CONVERSATION, Conversation, Message
from conversations.outbox.events import record_event
from conversations.outbox.services import cancel_where
from conversations.reading.calendars import Answer, CalendarAnswer
from conversations.replies import consequences
from conversations.replies import services as replies
from conversations.replies.models import Intent, Reading
from outreach.core import clock
from outreach.events.services import publish

_SENTENCES = {
    Answer.ACCEPTED: gettext_noop("Accepted the invitation “%(what)s”%(when)s."),
    Answer.TENTATIVE: gettext_noop("Answered “maybe” to the invitation “%(what)s”%(when)s."),
    Answer.DECLINED: gettext_noop("Declined the invitation “%(what)s”%(when)s."),
    Answer.COUNTER: gettext_noop("Proposes another time for “%(what)s”%(when)s."),
    Answer.CANCELLED: gettext_noop("Cancelled “%(what)s”%(when)s."),
    Answer.INVITED: gettext_noop("Invites us to “%(what)s”%(when)s."),
}
_INTENTS = {Answer.DECLINED: Intent.UNCLEAR, Answer.CANCELLED: Intent.UNCLEAR}


def sentence(calendar: CalendarAnswer, words: str) -> str:
    """The answer as a sentence, and below it what the person wrote."""
    when = ""
    if calendar.starts_at is not None:
        moment = timezone.localtime(calendar.starts_at)
        when = _(" on %(moment)s") % {"moment": formats.date_format(moment, "DATETIME_FORMAT")}
    told = _(_SENTENCES[calendar.answer]) % {"what": calendar.summary or "…", "when": when}
    return f"{told}\n\n{words}" if words else told


def facts(calendar: CalendarAnswer) -> dict[str, Any]:
    """The answer as plain values, for the message that keeps it."""
    return {
        "answer": str(calendar.answer),
        "starts_at": calendar.starts_at.isoformat() if calendar.starts_at else None,
        "ends_at": calendar.ends_at.isoformat() if calendar.ends_at else None,
        "uid": calendar.uid,
        "summary": calendar.summary,
        "location": calendar.location,
    }


def receive(
    message: Message, conversation: Conversation, match: matching.Match, calendar: CalendarAnswer, *, has_words: bool
) -> None:
    """Do what follows, under the conversation's lock. `has_words`: the person wrote something beside the answer."""
    at = receiving.time_of(message)
    if match.original is not None:
        record_event(message=match.original, kind="replied", occurred_at=at, external_id=f"reply:{message.pk}")
    cancel_where(
        receiving.planned(conversation), actor=ACTOR, reason=_("They answered an invitation."), check="no_reply"
    )
    receiving.note_inbound(conversation, at=at)
    reading = Reading.objects.create(
        message=message,
        intent=_INTENTS.get(calendar.answer, Intent.BOOKING),
        source="rules",
        reasons=[sentence(calendar, "")],
        facts={"calendar": str(calendar.answer), "starts_at": facts(calendar)["starts_at"]},
    )
    publish("reply.received", message_id=message.pk, conversation_id=conversation.pk, lead_id=message.lead_id)
    replies.announce(reading)
    consequences.supersede_suggestions(conversation, actor=ACTOR, reason=_("They answered an invitation."))
    if calendar.answer is Answer.ACCEPTED and not conversation.has_opted_out:
        _book(message, conversation, calendar, has_words=has_words)
    else:
        _ask_person(message, conversation)


def _book(message: Message, conversation: Conversation, calendar: CalendarAnswer, *, has_words: bool) -> None:
    if conversation.state in CONVERSATION.asleep:
        CONVERSATION.move(conversation, "engaged", actor=ACTOR)
    if CONVERSATION.allows(conversation.state, "booked"):
        CONVERSATION.move(conversation, "booked", actor=ACTOR, reason=message.body[:200])
    publish(
        "conversation.booked",
        conversation_id=conversation.pk,
        lead_id=conversation.lead_id,
        message_id=message.pk,
        starts_at=facts(calendar)["starts_at"],
    )
    changes: dict[str, Any] = {"updated_at": clock.now()}
    if has_words:
        receiving.wait(conversation, since=receiving.time_of(message))
    else:
        changes["waiting_since"] = None
    Conversation.objects.filter(pk=conversation.pk).update(**changes)
    conversation.refresh_from_db()


def _ask_person(message: Message, conversation: Conversation) -> None:
    """Declined, moved, cancelled or undecided: somebody looks; a booked call is no longer one."""
    if CONVERSATION.allows(conversation.state, "engaged"):
        CONVERSATION.move(conversation, "engaged", actor=ACTOR, reason=message.body[:200])
    Conversation.objects.filter(pk=conversation.pk).update(handler=Conversation.Handler.PERSON)
    receiving.wait(conversation, since=receiving.time_of(message))
