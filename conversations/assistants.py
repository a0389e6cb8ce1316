"""What assistants may read of the inbox, and the answers that they may propose."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from conversations.inbox import queues
from conversations.inbox.queues import QUEUES, View
from conversations.inbox.selectors import open_suggestion
from conversations.models import Conversation, Message
from conversations.replies import suggesting
from conversations.replies.services import latest_reading
from outreach.access.roles import Role
from outreach.assistants.tools import MAX_ROWS, Arguments, Caller, Tool
from outreach.core import clock
from outreach.core.errors import Invalid

MAX_MESSAGES = 40


class ListReplies(Arguments):
    queue: str = Field(default="waiting", description=f"One of: {', '.join(QUEUES)}")
    text: str = Field(default="", max_length=200, description="Words to search for; then the queue does not matter")
    after: str = Field(default="", max_length=100, description="`next_after` of the page before")
    limit: int = Field(default=20, ge=1, le=MAX_ROWS)


class ReadConversation(Arguments):
    id: int


class ProposeAnswer(Arguments):
    conversation: int
    body: str = Field(min_length=1, max_length=20_000)
    subject: str = Field(default="", max_length=255)


def _person(row: Conversation) -> dict[str, Any]:
    lead = row.lead
    company = lead.company if lead else None
    return {
        "conversation": row.pk,
        "person": row.lead_id,
        "name": str(row),
        "company": company.name if company else "",
        "state": row.state,
        "waiting_since": row.waiting_since,
    }


def list_replies(caller: Caller, given: ListReplies) -> dict[str, Any]:
    """One page of a queue of the inbox, or of what a search finds."""
    if given.queue not in QUEUES:
        raise Invalid("queue", str(_("Use one of: %(known)s.")) % {"known": ", ".join(QUEUES)})
    view = View.of({"queue": given.queue, "q": given.text})
    rows, following = queues.page(view, user=caller.user, now=clock.now(), after=given.after, limit=given.limit)
    found = [
        _person(row.conversation)
        | {
            "last_at": row.last.created_at if row.last else None,
            **_last_words(row.last),
            "intent": row.reading.intent if row.reading else "",
            "has_suggestion": row.has_suggestion,
        }
        for row in rows
    ]
    return {"conversations": found, "next_after": following}


def read_conversation(caller: Caller, given: ReadConversation) -> dict[str, Any]:
    """The newest messages of one conversation, oldest first, and the answer that waits for a person."""
    row = _found(given.id)
    newest = row.messages.seen().order_by("-id")[:MAX_MESSAGES]
    suggestion = open_suggestion(row)
    return _person(row) | {
        "messages": [_message(message) for message in reversed(newest)],
        "suggested_answer": {"subject": suggestion.subject, "body": suggestion.body} if suggestion else None,
    }


def propose_answer(caller: Caller, given: ProposeAnswer) -> dict[str, Any]:
    """Put an answer before a person."""
    made = suggesting.propose(
        conversation=_found(given.conversation),
        body=given.body,
        subject=given.subject,
        program=caller.program,
        user=caller.user,
    )
    return {"suggestion": made.pk, "state": made.state, "next": "A person sends it, edits it or discards it."}


def _found(pk: int) -> Conversation:
    row = Conversation.objects.select_related("lead__company").filter(pk=pk).first()
    if row is None:
        raise Invalid("conversation", str(_("There is no conversation %(id)s.")) % {"id": pk})
    return row


def is_theirs(message: Message) -> bool:
    """Whether the other side wrote it."""
    return message.direction == Message.Direction.IN


def _last_words(message: Message | None) -> dict[str, str]:
    if message is None:
        return {}
    return {"their_last_words" if is_theirs(message) else "our_last_words": message.body[:300]}


def _message(message: Message) -> dict[str, Any]:
    reading = latest_reading(message) if is_theirs(message) else None
    return {
        "at": message.received_at or message.sent_at or message.created_at,
        "from": "them" if is_theirs(message) else "us",
        "channel": message.channel,
        "state": message.state,
        "their_subject" if is_theirs(message) else "subject": message.subject,
        "their_text" if is_theirs(message) else "text": message.body,
        "intent": reading.intent if reading else "",
    }


TOOLS = [
    Tool(
        "list_replies",
        _("List replies"),
        _(
            "Conversations of one inbox queue, or those that a search finds, with the last words and how they were read."
        ),
        ListReplies,
        list_replies,
    ),
    Tool(
        "read_conversation",
        _("Read a conversation"),
        _("The messages of one conversation and the answer that is suggested."),
        ReadConversation,
        read_conversation,
    ),
    Tool(
        "propose_answer",
        _("Propose an answer"),
        _("Suggest an answer to the last reply. It waits in the inbox until a person sends, edits or discards it."),
        ProposeAnswer,
        propose_answer,
        Role.REVIEWER,
        is_proposal=True,
    ),
]
