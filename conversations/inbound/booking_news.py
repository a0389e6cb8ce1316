"""What a booking page tells: a call was booked, moved, cancelled, missed or held."""

from __future__ import annotations

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext_noop

from conversations.booking import services as booking
from conversations.booking.models import Booking
from conversations.booking.news import Kind, News
from conversations.inbound import calls, matching, proposals, receiving
from conversations.inbound.models import InboundEvent
from conversations.inbound.receiving import ACTOR, Outcome
from conversations.models import Message
from conversations.replies.models import Intent, Reading
from leads.models import Channel
from outreach.core.addresses import normalise_email
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.events.services import publish

SOURCE = "booking"
"""Stored events are called `booking.<provider>`."""
_SENTENCES = {
    Kind.BOOKED: gettext_noop("Booked “%(what)s”%(when)s."),
    Kind.MOVED: gettext_noop("Moved “%(what)s”: it now takes place%(when)s."),
    Kind.CANCELLED: gettext_noop("Cancelled “%(what)s”%(when)s."),
    Kind.NO_SHOW: gettext_noop("Didn't come to “%(what)s”%(when)s."),
    Kind.HELD: gettext_noop("“%(what)s”%(when)s took place."),
}


def handle(event: InboundEvent) -> Outcome:
    """One stored event of a booking page; repeated and disordered ones change nothing."""
    provider = event.source.removeprefix(f"{SOURCE}.")
    news = booking.provider(provider).read(event.fields)
    match = _match(event, provider, news) if news else None
    if news is None or match is None:
        return Outcome("booking", is_ignored=True)
    conversation = receiving.lock(match.conversation)
    call, is_news = booking.record(conversation=conversation, source=provider, news=news, actor=ACTOR)
    is_held = news.kind is Kind.HELD
    if is_news and news.kind in {Kind.HELD, Kind.NO_SHOW}:
        publish("call.ended", conversation_id=conversation.pk, lead_id=conversation.lead_id, state=call.state)
    if (not is_news or is_held) and (known := _told(call)) is not None:
        return Outcome("booking", known, is_ignored=not is_news)
    told = sentence(call.title or news.title, call.starts_at, news)
    message, is_new = receiving.store(
        event,
        conversation,
        match,
        receiving.Letter(
            kind="calendar",
            sender=None,
            channel=Channel.EMAIL,
            address=call.address,
            body=told,
            attributes={"from_name": call.name, "booking": call.pk},
        ),
    )
    if not is_new or is_held:
        return Outcome("booking", message)
    is_booked = news.kind in {Kind.BOOKED, Kind.MOVED}
    reading = Reading.objects.create(
        message=message,
        intent=Intent.BOOKING if is_booked else Intent.UNCLEAR,
        source="rules",
        confidence=1.0,
        reasons=[told],
        facts={"starts_at": call.starts_at.isoformat() if call.starts_at else None, "booking": call.pk},
    )
    calls.follow(message, conversation, match, reading, is_booked=is_booked)
    if match.how == "contact":
        proposals.propose(message, clue=matching.Clue(), now=event.received_at)
    return Outcome("booking", message)


def _told(call: Booking) -> Message | None:
    """The message by which we learned of the call; what else is told of it is erased with it."""
    return call.conversation.messages.received().filter(attributes__kind="calendar").order_by("-id").first()


def _match(event: InboundEvent, provider: str, news: News) -> matching.Match | None:
    """The conversation of a call that we know, else of the address that booked it."""
    if (call := booking.known(provider, news)) is not None:
        return matching.Match(call.conversation, matching.last_to_person(call.conversation), "booking")
    try:
        address = normalise_email(news.address)
    except Invalid:
        return None
    return matching.match_reply(channel=Channel.EMAIL, address=address, now=event.received_at)


def sentence(what: str, starts_at: datetime | None, news: News) -> str:
    """What happened, and below it the reason that they gave."""
    at, when = news.starts_at or starts_at, ""
    if at is not None:
        when = _(" on %(moment)s") % {"moment": formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")}
    told = _(_SENTENCES[news.kind]) % {"what": what or "…", "when": when}
    return f"{told}\n\n{news.reason}" if news.reason else told
