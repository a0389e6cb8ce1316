"""What an answer to a stored conversation is made of: its playbook, the history, who signs, where the address is from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from conversations.consent.zones import recipient_zones
from conversations.memory.recalling import known
from conversations.models import Conversation, Message
from conversations.outbox.threads import reply_subject
from conversations.playbooks.definition import LANGUAGES
from conversations.playbooks.models import Playbook, PlaybookVersion
from conversations.playbooks.services import default_playbook
from conversations.replies.models import Intent, Reading
from conversations.replies.selectors import lessons
from conversations.replies.situation import MAX_TEXT, REPLY, Occasion, Situation, Turn
from leads.cleaning.variables import clean
from leads.models import Channel, Lead
from outreach.core import clock
from outreach.core.registry import Point
from outreach.core.words import gettext as _

HISTORY = 60
"""Messages of the conversation that an answer looks back on."""
TEAM = {"en": "The team", "ru": "Команда"}
"""Who signs when neither the sender nor the company has a name."""


@dataclass(frozen=True)
class Background:
    """What we wrote to somebody for."""

    goal: str = ""
    offer: str = ""
    booking_url: str = ""
    playbook: Playbook | None = None
    """The one that was chosen; None: the team's default."""


BACKGROUNDS: Point[Callable[[Message, str], Background | None]] = Point("replies.backgrounds")
"""Upper wings tell what a reply is about, given the language of its answer; None when it is not to them."""


def background_of(reply: Message, language: str) -> Background:
    found = (tell(reply, language) for tell in BACKGROUNDS.entries())
    return next((background for background in found if background is not None), Background())


def playbook_for(reply: Message) -> PlaybookVersion:
    """The newest version of the playbook that holds for a conversation: the campaign's, else the team's default."""
    return (background_of(reply, "en").playbook or default_playbook()).current


def situation_of(
    *,
    conversation: Conversation,
    answers: Message,
    reading: Reading | None,
    playbook: PlaybookVersion,
    occasion: Occasion = REPLY,
    note: str = "",
    previous: str = "",
) -> Situation:
    """The facts for an answer to `answers`. Nothing here is guessed: what is not known is empty."""
    lead, facts = conversation.lead, (reading.facts if reading else {})
    definition = playbook.definition
    language = language_of(answers, reading)
    about = background_of(answers, language)
    zones = _zones(lead)
    at = (answers.received_at or answers.created_at) if occasion == REPLY else clock.now()
    until = str(facts.get("until") or "")
    return Situation(
        text=answers.body[:MAX_TEXT],
        intent=reading.intent if reading else Intent.UNCLEAR,
        language=language,
        channel=answers.channel,
        today=at.astimezone(ZoneInfo(zones[0]) if zones else UTC).date(),
        turns=_turns(conversation, answers),
        has_zone=bool(zones),
        first_name=clean("first_name", lead.first_name).value if lead else "",
        sender_name=_signature(conversation, answers, language),
        source=source_of(lead, language),
        goal=conversation.goal or about.goal,
        offer=about.offer,
        booking_url=conversation.booking_url or about.booking_url or definition.booking_url,
        until=date.fromisoformat(until) if until else None,
        is_confirmed=bool(facts.get("is_confirmed") and conversation.is_booked),
        referral=str(facts.get("referral", "")),
        known=known(conversation, about=answers.body),
        occasion=occasion.name,
        nudge=occasion.number,
        note=note,
        previous=previous,
        lessons=lessons(playbook.playbook),
        definition=definition,
    )


def language_of(answers: Message, reading: Reading | None) -> str:
    """The language to answer in: theirs, else that of the lead; empty when nothing is known."""
    lead = answers.lead
    return (reading.language if reading else "") or answers.language or (lead.language if lead else "") or "en"


def _zones(lead: Lead | None) -> tuple[str, ...]:
    if lead is None:
        return ()
    return recipient_zones(time_zone=lead.time_zone, country=lead.country, city=lead.city, region=lead.region)


def _turns(conversation: Conversation, answers: Message) -> tuple[Turn, ...]:
    """What both sides wrote, oldest first, without the message that is answered."""
    rows = conversation.messages.seen().exclude(direction=Message.Direction.NOTE).exclude(pk=answers.pk)
    newest = rows.order_by("-id").values_list("direction", "body")[:HISTORY]
    return tuple(Turn(direction == Message.Direction.OUT, body[:MAX_TEXT]) for direction, body in reversed(newest))


def _signature(conversation: Conversation, answers: Message, language: str) -> str:
    last = _last_of_ours(conversation, answers.channel)
    sender = last.sender if last and last.sender else answers.sender
    name = (sender.display_name or sender.name) if sender else ""
    return name or settings.OUTREACH.company.name or TEAM.get(language, TEAM["en"])


def _last_of_ours(conversation: Conversation, channel: str) -> Message | None:
    return (
        conversation.messages.filter(direction=Message.Direction.OUT, channel=channel, sent_at__isnull=False)
        .select_related("sender")
        .order_by("-id")
        .first()
    )


def source_of(lead: Lead | None, language: str) -> str:
    """Where the lead's data came from, as far as the record says: a file, a public page, a network, or by hand."""
    if lead is None:
        return ""
    with translation.override(language if language in LANGUAGES else "en"):
        day = str(date_format(lead.created_at.date(), "j F Y"))
        if batch := lead.batch:
            origin = batch.source or batch.file_name
            return _("the list “%(name)s”, which we imported on %(day)s") % {"name": origin, "day": day}
        record = lead.raw_records.order_by("first_seen_at").values_list("url", "source").first()
        if record is not None:
            name = urlsplit(record[0]).hostname or record[1]
            return _("your public page at %(name)s, read on %(day)s") % {"name": name, "day": day}
        return f"{lead.source} ({day})" if lead.source else ""


def subject_for(conversation: Conversation, channel: str) -> str:
    """`Re:` and the last subject of the thread, for e-mail; people answer without one at times. Empty elsewhere."""
    if channel != Channel.EMAIL:
        return ""
    subject = (
        conversation.messages.filter(channel=channel)
        .exclude(subject="")
        .order_by("-id")
        .values_list("subject", flat=True)
        .first()
    )
    return reply_subject(subject or "")
