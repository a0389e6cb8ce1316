"""What an answer is made of: the trusted facts, the untrusted texts, and the pack's own template without a model."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from conversations.consent.zones import recipient_zones
from conversations.models import Conversation, Message
from conversations.outbox.threads import reply_subject
from conversations.playbooks.models import Playbook
from conversations.replies import times
from conversations.replies.models import Intent, Reading
from leads.cleaning.variables import clean
from leads.models import Channel, Lead
from outreach.core.registry import Point
from outreach.prompts import rendering
from outreach.prompts import services as packs
from outreach.prompts.models import PackVersion

PACK = "answer-reply"
HISTORY = 10
"""Messages of the conversation that the model sees."""
MAX_LENGTH = {Channel.EMAIL: 900, Channel.SMS: 300}
LANGUAGES = ("en", "ru")
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


@dataclass(frozen=True)
class Context:
    """Everything that an answer may use."""

    version: PackVersion
    language: str
    variant: str
    channel: str
    trusted: dict[str, Any]
    untrusted: dict[str, Any]

    def messages(self) -> rendering.Rendered:
        return rendering.render(
            self.version, language=self.language, trusted=self.trusted, untrusted=self.untrusted, variant=self.variant
        )

    def template(self) -> str:
        """The answer without a model: the pack's template for this language and intent."""
        text = rendering.render_template(
            self.version, language=self.language, trusted=self.trusted, untrusted=self.untrusted, variant=self.variant
        )
        body = text.body if text else ""
        name = str(self.trusted["sender_name"])
        if self.channel == Channel.SMS:
            body = " ".join(line.strip() for line in body.removesuffix(name).strip().splitlines() if line.strip())
        return body.strip()


def context(*, conversation: Conversation, answers: Message, reading: Reading | None) -> Context:
    """The facts for an answer to `answers`. Nothing here is guessed: what is not known is empty."""
    intent = reading.intent if reading else Intent.UNCLEAR
    lead = conversation.lead
    last = _last_of_ours(conversation, answers.channel)
    sender = last.sender if last and last.sender else answers.sender
    found = (reading.language if reading else "") or answers.language or (lead.language if lead else "")
    language = found if found in LANGUAGES else "en"
    name = (sender.display_name or sender.name) if sender else ""
    name = name or settings.OUTREACH.company.name or TEAM[language]
    history = list(
        conversation.messages.exclude(direction=Message.Direction.NOTE).exclude(pk=answers.pk).order_by("-id")[:HISTORY]
    )
    about = background_of(answers, language)
    return Context(
        packs.current(PACK),
        language,
        str(intent),
        answers.channel,
        {
            "sender_name": name,
            "goal": conversation.goal or about.goal,
            "offer": about.offer,
            "booking_url": conversation.booking_url or about.booking_url,
            "channel": answers.channel,
            "intent": str(Intent(intent).label),
            "source": source_of(lead),
            "max_length": MAX_LENGTH.get(Channel(answers.channel), 600),
            **_said(conversation, answers, reading, language),
        },
        {
            "first_name": clean("first_name", lead.first_name).value if lead else "",
            "history": "\n".join(
                f"{'We' if m.direction == 'out' else 'They'}: {m.body[:500]}" for m in reversed(history)
            ),
            "reply": answers.body[:3_000],
            "referral": str((reading.facts if reading else {}).get("referral", "")),
        },
    )


_ASKS_FOR_MORE = re.compile(
    r"\b(?:send|share|e-?mail|give)\b[^.?!]{0,30}\b(?:info\w*|details?|deck|brochure|materials?|presentation|more)\b"
    r"|\btell me more\b|\b(?:пришлите|вышлите|отправьте|скиньте|направьте|расскажите)\b",
    re.IGNORECASE,
)


def _said(conversation: Conversation, answers: Message, reading: Reading | None, language: str) -> dict[str, str]:
    """What the person said and the answer must not ignore: a time for a call, a day to write again, a wish for more."""
    lead = answers.lead
    zones = (
        recipient_zones(time_zone=lead.time_zone, country=lead.country, city=lead.city, region=lead.region)
        if lead
        else ()
    )
    at = (answers.received_at or answers.created_at).astimezone(ZoneInfo(zones[0]) if zones else UTC)
    found = times.named(answers.body[:3_000], today=at.date())
    facts = reading.facts if reading else {}
    until = str(facts.get("until") or "")
    with translation.override(language):
        return {
            "named_day": _day_words(found.day, "l, j E", language) if found else "",
            "named_time": f"{found.proposed:%H:%M}" if found and found.proposed else "",
            "is_exact": "yes" if found and found.at else "",
            "has_zone": "yes" if zones else "",
            "until": _day_words(date.fromisoformat(until), "j E", language) if until else "",
            "is_confirmed": "yes" if facts.get("is_confirmed") and conversation.is_booked else "",
            "asks_for_more": "yes" if _ASKS_FOR_MORE.search(answers.body[:3_000]) else "",
        }


def _day_words(day: date, form: str, language: str) -> str:
    """A day within a sentence: Russian writes months and weekdays small."""
    words = str(date_format(day, form))
    return words.lower() if language == "ru" else words


def _last_of_ours(conversation: Conversation, channel: str) -> Message | None:
    return (
        conversation.messages.filter(direction=Message.Direction.OUT, channel=channel, sent_at__isnull=False)
        .select_related("sender")
        .order_by("-id")
        .first()
    )


def source_of(lead: Lead | None) -> str:
    """Where the lead's data came from, as far as the record says."""
    if lead is None:
        return ""
    batch = lead.batch
    parts = [lead.source or (getattr(batch, "file_name", "") if batch else "")]
    if not parts[0]:
        return ""
    return f"{parts[0]} ({lead.created_at:%Y-%m-%d})"


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
