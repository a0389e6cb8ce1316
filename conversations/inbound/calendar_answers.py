"""What follows from the answer of a calendar: an accepted invitation is a booked call, everything else is for a person."""

from __future__ import annotations

from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext_noop

from conversations.booking import services as booking
from conversations.booking.news import Kind, News
from conversations.inbound import calls, matching
from conversations.inbound.receiving import ACTOR
from conversations.models import Conversation, Message
from conversations.reading.calendars import Answer, CalendarAnswer
from conversations.replies.models import Intent, Reading
from outreach.core.words import gettext as _

_SENTENCES = {
    Answer.ACCEPTED: gettext_noop("Accepted the invitation “%(what)s”%(when)s."),
    Answer.TENTATIVE: gettext_noop("Answered “maybe” to the invitation “%(what)s”%(when)s."),
    Answer.DECLINED: gettext_noop("Declined the invitation “%(what)s”%(when)s."),
    Answer.COUNTER: gettext_noop("Proposes another time for “%(what)s”%(when)s."),
    Answer.CANCELLED: gettext_noop("Cancelled “%(what)s”%(when)s."),
    Answer.INVITED: gettext_noop("Invites us to “%(what)s”%(when)s."),
}
_KINDS = {Answer.ACCEPTED: Kind.BOOKED, Answer.CANCELLED: Kind.CANCELLED, Answer.DECLINED: Kind.CANCELLED}
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
    is_booked = calendar.answer is Answer.ACCEPTED
    if kind := _KINDS.get(calendar.answer):
        news = News(
            kind=kind,
            external_id=calendar.uid or f"message:{message.pk}",
            title=calendar.summary,
            starts_at=calendar.starts_at,
            ends_at=calendar.ends_at,
            address=message.address,
        )
        booking.record(conversation=conversation, source="calendar", news=news, actor=ACTOR)
    reading = Reading.objects.create(
        message=message,
        intent=_INTENTS.get(calendar.answer, Intent.BOOKING),
        source="rules",
        reasons=[sentence(calendar, "")],
        facts={"calendar": str(calendar.answer), "starts_at": facts(calendar)["starts_at"]},
    )
    calls.follow(message, conversation, match, reading, is_booked=is_booked, has_words=has_words)
