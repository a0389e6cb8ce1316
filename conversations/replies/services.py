"""Reading replies and answering them: rules first, the model where they are unsure, a person above both."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Any, Literal

import structlog
from django.db import transaction
from pydantic import BaseModel, Field

from conversations.models import CONVERSATION, Conversation, Message
from conversations.planning.replying import UNDO, Answer, marks_of, reply_now
from conversations.playbooks.definition import LANGUAGES
from conversations.reading.automatic import AutoReply, Kind
from conversations.reading.incoming import unwrapped
from conversations.replies import consequences, intents, listing, optouts, pace, remembering
from conversations.replies.models import SUGGESTION, Intent, Reading, Suggestion
from conversations.replies.selectors import last_inbound as last_inbound
from conversations.replies.selectors import latest_reading as latest_reading
from leads.models import Channel
from outreach.access.models import User
from outreach.core import clock, words
from outreach.core.audit import record
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.jobs.services import enqueue
from outreach.llm import services as llm
from outreach.prompts import rendering
from outreach.prompts import services as packs

logger = structlog.get_logger(__name__)

CORRECTABLE = tuple(intent for intent in Intent if intent not in {Intent.BOUNCE, Intent.COMPLAINT})
"""What a person may call a reply."""


class Classified(BaseModel):
    """The model's second opinion."""

    intent: Literal[
        "positive",
        "booking",
        "question",
        "negative",
        "not_now",
        "referral",
        "wrong_person",
        "bot_question",
        "source_question",
        "abusive",
        "opt_out",
        "unclear",
    ]
    confidence: float = Field(ge=0, le=1)
    reason: str = Field(max_length=500)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_by_rules(message: Message) -> Reading:
    """Read a person's reply without a model, in the caller's transaction. A subject that they wrote may opt out, too."""
    own_subject, body = str(message.attributes.get("own_subject", "")), unwrapped(message.body)
    found = intents.understand(
        body if body.strip() else own_subject,
        today=clock.now().date(),
        subject=own_subject,
        is_sms=message.channel == Channel.SMS,
    )
    if str(message.attributes.get("opt_out_type", "")).upper() == "STOP" and found.opt_out is None:
        by_carrier = optouts.OptOut(1, message.body[:50])
        found = replace(
            found, intent=Intent.OPT_OUT, confidence=1.0, reasons=(_("The carrier says so"),), opt_out=by_carrier
        )
    facts: dict[str, str | int] = {}
    if found.opt_out:
        facts["tier"] = found.opt_out.tier
    if found.is_held:
        facts["suspicion"] = words.stored(found.suspicion)
    if found.until:
        facts["until"] = found.until.isoformat()
    if found.referral:
        facts["referral"] = found.referral
    if found.is_confirmed:
        facts["is_confirmed"] = 1
    return Reading.objects.create(
        message=message,
        intent=found.intent,
        source="keyword" if found.opt_out and found.opt_out.tier == 1 else "rules",
        confidence=found.confidence,
        language=found.language,
        reasons=list(found.reasons),
        facts=facts,
    )


def read_automatic(message: Message, automatic: AutoReply) -> Reading:
    """The reading of an automatic answer, in the caller's transaction."""
    intent = {
        Kind.OUT_OF_OFFICE: Intent.OUT_OF_OFFICE,
        Kind.LEFT: Intent.REFERRAL if automatic.referral else Intent.WRONG_PERSON,
        Kind.MOVED: Intent.REFERRAL,
    }
    facts: dict[str, str] = {}
    if automatic.returns_on:
        facts["until"] = automatic.returns_on.isoformat()
    if automatic.referral:
        facts["referral"] = automatic.referral
    return Reading.objects.create(
        message=message,
        intent=intent.get(automatic.kind, Intent.AUTO_REPLY),
        source="rules",
        confidence=0.95,
        reasons=list(automatic.reasons),
        facts=facts,
    )


def read_opt_out(message: Message) -> Reading | None:
    """The opt-out that somebody wrote into an automatic answer, in the caller's transaction; None without one."""
    found = intents.understand(unwrapped(message.body), today=clock.now().date(), is_sms=message.channel == Channel.SMS)
    return read_by_rules(message) if found.opt_out is not None else None


def announce(reading: Reading) -> None:
    """Publish a reply's intent, in the caller's transaction."""
    message = reading.message
    publish(
        "reply.read",
        message_id=message.pk,
        conversation_id=message.conversation_id,
        lead_id=message.lead_id,
        intent=reading.intent,
    )


def receive(message: Message, conversation: Conversation) -> Reading:
    """First reading of a stored human reply under the conversation's lock: rules now, the model later where they doubt."""
    reading = latest_reading(message) or read_by_rules(message)
    Message.objects.filter(pk=message.pk).update(language=reading.language)
    pace.stop(conversation)
    remembering.learn(message, reading)
    if suspicion := reading.facts.get("suspicion"):
        consequences.hold(message=message, conversation=conversation, evidence=words.read(str(suspicion)))
    publish("reply.received", message_id=message.pk, conversation_id=conversation.pk, lead_id=message.lead_id)
    if reading.is_settled:
        announce(reading)
        consequences.apply(reading, message=message, conversation=conversation)
    else:
        enqueue("conversations.replies.tasks.read", message.pk, lane="llm", key=f"read:{message.pk}")
    return reading


def read(message: Message) -> Reading:
    """The effective reading, with the model's second opinion where the rules are unsure. Idempotent.

    The model sees the text as data and may only name a class; a class that opts out suppresses and asks a person.
    """
    reading = latest_reading(message) or read_by_rules(message)
    if reading.is_settled or reading.source == "model":
        return reading
    version = packs.current("classify-reply")
    original = message.follows
    rendered = rendering.render(
        version,
        language=reading.language if reading.language in LANGUAGES else "en",
        trusted={"channel": message.channel},
        untrusted={"reply": message.body[:3_000], "ours": original.body[:1_000] if original else ""},
    )
    by_rules = Classified(
        intent=reading.intent,
        confidence=reading.confidence,
        reason=words.joined("; ", reading.reasons)[:500],
    )
    trace = llm.open_trace("read-reply", lead_id=message.lead_id)
    completion = llm.complete(
        llm.Call(
            trace=trace,
            step="classify",
            route="classify",
            messages=rendered.messages,
            schema=Classified,
            builtin=lambda: by_rules,
            pack_sha=version.sha,
            use_cache=True,
        )
    )
    llm.close_trace(trace)
    answer = completion.output
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=message.conversation_id)
        held = latest_reading(message)
        if held is not None and held.pk != reading.pk:
            return held  # a person or another worker was first
        result = Reading.objects.create(
            message=message,
            intent=answer.intent,
            source="rules" if completion.is_builtin else "model",
            confidence=max(answer.confidence, 0.7) if completion.is_builtin else answer.confidence,
            language=reading.language,
            reasons=reading.reasons if completion.is_builtin else [answer.reason],
            facts=reading.facts,
            interaction=completion.interaction,
        )
        announce(result)
        consequences.apply(result, message=message, conversation=conversation)
        listing.refresh([conversation.pk])
    return result


def correct(*, message: Message, intent: str, user: User) -> Reading:
    """Set a reply's intent manually. Raises `Invalid` for an unknown intent or an outgoing message.

    Calling it an opt-out opts out at once; calling an opt-out something else lifts nothing: that is a separate step.
    """
    if message.direction != Message.Direction.IN:
        raise Invalid("message", _("Only incoming messages can be classified."), code="wrong_direction")
    if intent not in {str(choice) for choice in CORRECTABLE}:
        raise Invalid("intent", _("Unknown intent “%(intent)s”.") % {"intent": intent}, code="wrong_choice")
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=message.conversation_id)
        before = latest_reading(message)
        reading = Reading.objects.create(
            message=message,
            intent=intent,
            source="person",
            language=before.language if before else "",
            reasons=[_("Set by %(name)s") % {"name": user.get_username()}],
            facts=_kept_facts(before, intent),
            decided_by=user,
        )
        actor = Actor.of(user)
        record(
            "reading.corrected",
            subject=message,
            actor=actor,
            data={"from": before.intent if before else "", "to": intent},
        )
        announce(reading)
        consequences.supersede_suggestions(conversation, actor=actor, reason=_("Classification corrected."))
        consequences.apply(reading, message=message, conversation=conversation, actor=actor)
        listing.refresh([conversation.pk])
    return reading


def _kept_facts(before: Reading | None, intent: str) -> dict[str, Any]:
    """The facts that hold after a correction: all for the same intent, else what was asked and objected."""
    if before is None or before.intent == intent:
        return before.facts if before else {}
    return {name: value for name, value in before.facts.items() if name == "subjects"}


# --- answers ------------------------------------------------------------------------------------------------------


def use_suggestion(
    *, suggestion: Suggestion, user: User, body: str | None = None, subject: str | None = None, key: str = ""
) -> Message:
    """Send a suggestion, perhaps changed, after the seconds in which it can be taken back; the change is kept.

    The same `key` again gives the message that it made. Raises `Refused` when it is settled.
    """
    text = (suggestion.body if body is None else body).strip()
    if not text:
        raise Invalid("body", _("Enter an answer."), code="empty")
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=suggestion.conversation_id)
        if key and (made := conversation.messages.filter(author=user, attributes__key=key).first()):
            return made
        message = reply_now(
            conversation=conversation,
            author=user,
            answer=Answer(
                body=text,
                send_at=clock.now() + UNDO,
                marks=marks_of(conversation, key),
                subject=suggestion.subject if subject is None else subject,
                channel=suggestion.channel,
                interaction=suggestion.interaction,
            ),
        )
        note_use(suggestion=suggestion, user=user, message=message)
        answered(conversation)
        listing.refresh([conversation.pk])
    return message


def note_use(*, suggestion: Suggestion, user: User, message: Message) -> None:
    """`suggestion` was sent as `message`; what the person changed is kept. Raises `Refused` when it is settled."""
    changes = {
        "edit": difference(suggestion.body, message.body),
        "decided_by": user,
        "decided_at": clock.now(),
        "sent_message": message,
    }
    SUGGESTION.move(suggestion, "used", actor=Actor.of(user), changes=changes)


def discard(*, suggestion: Suggestion, user: User) -> None:
    """Put a suggestion away. Raises `Refused` when it is settled already."""
    SUGGESTION.move(
        suggestion, "discarded", actor=Actor.of(user), changes={"decided_by": user, "decided_at": clock.now()}
    )
    publish("conversation.changed", conversation_id=suggestion.conversation_id)


def answered(conversation: Conversation) -> None:
    """An answer was given, so no one is waiting. `conversation` is locked by the caller."""
    Conversation.objects.filter(pk=conversation.pk).update(
        waiting_since=None, snoozed_until=None, snooze_reason="", updated_at=clock.now()
    )
    last = last_inbound(conversation)
    consequences.sleep_as_asked(conversation, latest_reading(last) if last else None)
    if conversation.state in CONVERSATION.idle:
        CONVERSATION.move(conversation, "engaged", actor=consequences.ACTOR)
    pace.schedule(conversation)
    remembering.learn_from_answer(conversation)


def difference(before: str, after: str, *, names: tuple[str, str] = ("suggested", "sent")) -> str:
    """What was changed, as a unified difference; empty when nothing."""
    return "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm=""))
