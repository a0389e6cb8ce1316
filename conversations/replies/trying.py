"""Tries a playbook on a text that nobody sent: how it is read, what would be answered, and whether that would leave."""

from __future__ import annotations

from dataclasses import dataclass

from conversations.playbooks.definition import LANGUAGES
from conversations.playbooks.models import PlaybookVersion
from conversations.replies import escalation, intents
from conversations.replies.answering import Composed, compose
from conversations.replies.situation import MAX_TEXT, Situation
from leads.models import Channel
from outreach.core import clock
from outreach.llm import services as llm


@dataclass(frozen=True)
class Trial:
    """What would happen. `reason` is the first of `ALWAYS_A_PERSON` that applies, empty when none does."""

    intent: str
    confidence: float
    reason: str
    answer: Composed
    leaves_alone: bool


def try_text(text: str, *, playbook: PlaybookVersion, channel: str = "email") -> Trial:
    """Read and answer `text` as the first reply of somebody unknown. Stores nothing but the model's call, sends nothing."""
    today = clock.now().date()
    found = intents.understand(text[:MAX_TEXT], today=today, is_sms=channel == Channel.SMS)
    reason = escalation.reason_for_person(
        text=text, intent=found.intent, confidence=found.confidence, suspicion=found.suspicion
    )
    definition = playbook.definition
    situation = Situation(
        text=text[:MAX_TEXT],
        intent=found.intent,
        language=found.language or next(iter(definition.languages), LANGUAGES[0]),
        channel=channel,
        today=today,
        booking_url=definition.booking_url,
        until=found.until,
        referral=found.referral,
        definition=definition,
    )
    trace = llm.open_trace("try-playbook")
    answer = compose(situation, trace=trace)
    llm.close_trace(trace)
    leaves_alone = definition.is_autonomous and not reason and not answer.doubts
    return Trial(found.intent, found.confidence, reason, answer, leaves_alone)
