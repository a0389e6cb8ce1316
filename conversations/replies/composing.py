"""What an answer is made of: the trusted facts, the untrusted texts, and the pack's own template without a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from conversations.models import Conversation, Message
from conversations.outbox.threads import reply_subject
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
