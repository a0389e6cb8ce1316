"""Suggests answers, and sends those by itself that a playbook lets go: certain, complete, and nothing for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta

from django.db import transaction

from conversations.consent import holds
from conversations.models import CONVERSATION, Conversation, Message
from conversations.planning.replying import RULE_STREAM_NAME, Answer, reply_by_rule
from conversations.playbooks.models import PlaybookVersion
from conversations.reading.incoming import unwrapped
from conversations.replies import composing, consequences, escalation, listing
from conversations.replies.answering import Composed, compose
from conversations.replies.models import SUGGESTION, Reading, Suggestion
from conversations.replies.services import answered, difference, last_inbound, latest_reading
from conversations.replies.situation import REPLY, Occasion
from conversations.replies.wishes import MAX_NOTE
from outreach.access.models import User
from outreach.core import clock, words
from outreach.core.audit import record
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.llm import services as llm

ALONE_A_DAY = 4
"""Answers that leave by themselves in one conversation within a day: two machines may not talk all night."""
MAX_UNREAD = 10


def suggest(
    conversation: Conversation, *, is_asked: bool = False, occasion: Occasion = REPLY, note: str = ""
) -> Suggestion | None:
    """Draft an answer to the last reply; None when there is nothing to answer or none is wanted.

    Without `is_asked` nothing is drafted while a person handles the conversation, nor twice for one occasion. The text
    comes from a model or, without one, from the playbook's own sentences; either way it carries its interaction. In a
    playbook that answers by itself it leaves at once when nothing speaks for a person; `suggestion.doubts` says what did.
    """
    answers = last_inbound(conversation)
    if answers is None or not _wants_answer(conversation, answers, is_asked=is_asked, occasion=occasion):
        return None
    reading = latest_reading(answers)
    playbook = composing.playbook_for(answers)
    previous = _draft_before(conversation, answers) if note else ""
    situation = composing.situation_of(
        conversation=conversation,
        answers=answers,
        reading=reading,
        playbook=playbook,
        occasion=occasion,
        note=note,
        previous=previous,
    )
    trace = llm.open_trace("answer-reply", lead_id=conversation.lead_id)
    composed = compose(situation, trace=trace)
    llm.close_trace(trace)
    with transaction.atomic():
        locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
        newest = last_inbound(locked)
        is_same = newest is not None and newest.pk == answers.pk
        if not is_same or not _wants_answer(locked, answers, is_asked=is_asked, occasion=occasion):
            return None
        consequences.supersede_suggestions(locked, actor=consequences.ACTOR, reason=_("A newer draft was created."))
        publish("conversation.changed", conversation_id=locked.pk)
        made = Suggestion.objects.create(
            conversation=locked,
            answers=answers,
            channel=answers.channel,
            subject=composing.subject_for(locked, answers.channel),
            body=composed.body,
            interaction=composed.interaction,
            playbook_version=playbook,
            occasion=occasion.name,
            nudge=occasion.number,
            cites=[asdict(cite) for cite in composed.cites],
            doubts=list(_doubts(locked, composed)),
            refused=composed.refused[:500],
            note=note,
            redraft=difference(previous, composed.body, names=("before", "now")) if previous else "",
        )
        if playbook.definition.is_autonomous and not is_asked and not made.doubts:
            _send(made, locked, playbook)
    return made


def _wants_answer(conversation: Conversation, answers: Message, *, is_asked: bool, occasion: Occasion) -> bool:
    if conversation.state in CONVERSATION.silenced:
        return False
    if is_asked:
        return True
    if conversation.handler == Conversation.Handler.PERSON or conversation.waiting_since is None:
        return False
    made = conversation.suggestions.filter(answers=answers, occasion=occasion.name, nudge=occasion.number)
    return not made.exists()


def _doubts(conversation: Conversation, composed: Composed) -> Iterable[str]:
    """Why a person must look, the gravest first. `conversation` is locked by the caller."""
    reasons = [_reason(message, latest_reading(message)) for message in _unanswered(conversation)]
    if holds.open_on(conversation).exists():
        reasons.insert(0, "opt_out")
    recent = conversation.messages.filter(stream__name=RULE_STREAM_NAME, created_at__gt=clock.now() - timedelta(days=1))
    if recent.count() >= ALONE_A_DAY:
        reasons.append("too_many")
    return dict.fromkeys(filter(None, (*reasons, *composed.doubts)))


def _unanswered(conversation: Conversation) -> list[Message]:
    """What they wrote since our last message, at least the last: an answer to the newest answers all of them."""
    ours = conversation.messages.left().order_by("-id").values_list("pk", flat=True).first() or 0
    theirs = conversation.messages.received().order_by("-id")
    return [row for row in theirs[:MAX_UNREAD] if row.pk > ours and row.is_from_person] or [
        row for row in [last_inbound(conversation)] if row is not None
    ]


def _reason(message: Message, reading: Reading | None) -> str:
    if reading is None:
        return "unsure"
    if message.attributes.get("is_sender_doubted"):
        return "sender"
    return escalation.reason_for_person(
        text=f"{message.attributes.get('own_subject', '')}\n{unwrapped(message.body)}",
        intent=reading.intent,
        confidence=1.0 if reading.source == "person" else reading.confidence,
        suspicion=words.read(str(reading.facts.get("suspicion", ""))),
    )


def _send(suggestion: Suggestion, conversation: Conversation, playbook: PlaybookVersion) -> None:
    """Let it leave by its playbook, through the planning door and the gate; what is refused waits for a person."""
    answer = Answer(
        body=suggestion.body,
        subject=suggestion.subject,
        channel=suggestion.channel,
        interaction=suggestion.interaction,
        marks={"suggestion": suggestion.pk},
    )
    try:
        with transaction.atomic():
            message = reply_by_rule(conversation=conversation, rule=f"playbook {playbook}", answer=answer)
    except OutreachError as error:
        suggestion.refused = error.reason[:500]
        suggestion.save(update_fields=["refused", "updated_at"])
        return
    changes = {"sent_message": message, "decided_at": clock.now()}
    SUGGESTION.move(suggestion, "used", actor=consequences.ACTOR, changes=changes)
    answered(conversation)
    listing.refresh([conversation.pk])


def _draft_before(conversation: Conversation, answers: Message) -> str:
    """The newest draft of an answer to the same message."""
    return conversation.suggestions.filter(answers=answers).values_list("body", flat=True).first() or ""


def regenerate(*, conversation: Conversation, user: User, note: str = "") -> Suggestion:
    """Draft again on request, perhaps changed as `note` says: “shorter, mention the price”.

    Raises `Refused` when there is nothing to answer.
    """
    suggestion = suggest(conversation, is_asked=True, note=" ".join(note.split())[:MAX_NOTE])
    if suggestion is None:
        raise Refused(_("There is nothing to answer here, or the conversation is closed."), code="nothing_to_answer")
    record("suggestion.asked_for", subject=suggestion, actor=Actor.of(user))
    return suggestion


def propose(*, conversation: Conversation, body: str, subject: str, program: str, user: User) -> Suggestion:
    """Put an answer that a program wrote before a person, in place of the one suggested so far. It never leaves by
    itself. Raises `Invalid` for an empty text, `Refused` when there is nothing to answer."""
    body = body.strip()
    if not body:
        raise Invalid("body", _("Write a text."))
    with transaction.atomic():
        locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
        answers = last_inbound(locked)
        if answers is None or not _wants_answer(locked, answers, is_asked=True, occasion=REPLY):
            raise Refused(
                _("There is nothing to answer here, or the conversation is closed."), code="nothing_to_answer"
            )
        trace = llm.open_trace("propose-answer", lead_id=locked.lead_id)
        given = llm.record_given(trace=trace, step="reply", author=program, output=body)
        llm.close_trace(trace)
        consequences.supersede_suggestions(locked, actor=Actor.of(user), reason=_("A newer draft was created."))
        publish("conversation.changed", conversation_id=locked.pk)
        made = Suggestion.objects.create(
            conversation=locked,
            answers=answers,
            channel=answers.channel,
            subject=subject or composing.subject_for(locked, answers.channel),
            body=body,
            interaction=given,
        )
        record("suggestion.proposed", subject=made, actor=Actor.of(user), data={"program": program})
    return made
