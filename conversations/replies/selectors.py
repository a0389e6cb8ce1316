"""What replies look up: the last message of theirs, how a message was read, what people make of suggested answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from conversations.models import AUTOMATIC_KINDS, MESSAGE, Conversation, Message
from conversations.playbooks.models import Playbook
from conversations.replies.lessons import Lessons, learn
from conversations.replies.models import SUGGESTION, Reading, Suggestion

LOOKED_AT = 500
"""The newest drafts of a playbook that are compared with what was sent."""
_USED = Q(state=SUGGESTION.USED, sent_message__isnull=False) & ~Q(sent_message__state=MESSAGE.CANCELLED)


@dataclass(frozen=True)
class Decisions:
    """What people did with the answers suggested by a playbook, and what they change in them alike."""

    playbook: Playbook
    kept: int
    changed: int
    discarded: int
    lessons: Lessons


def lessons(playbook: Playbook) -> Lessons:
    """What people change alike in the answers of a playbook."""
    rows = Suggestion.objects.filter(_USED, playbook_version__playbook=playbook, decided_by__isnull=False)
    newest = rows.exclude(body="").order_by("-id")[:LOOKED_AT]
    return learn(newest.values_list("conversation_id", "body", "sent_message__body"))


def decisions() -> list[Decisions]:
    """Each playbook whose answers people have decided on, the most decided one first."""
    rows = Suggestion.objects.filter(decided_by__isnull=False, playbook_version__isnull=False)
    counts = (
        rows.values("playbook_version__playbook")
        .annotate(
            kept=Count("pk", filter=_USED & Q(edit="")),
            changed=Count("pk", filter=_USED & ~Q(edit="")),
            discarded=Count("pk", filter=Q(state=SUGGESTION.DISCARDED)),
        )
        .order_by("-kept", "-changed", "-discarded")
    )
    known = Playbook.objects.in_bulk([row["playbook_version__playbook"] for row in counts])
    return [
        Decisions(playbook, row["kept"], row["changed"], row["discarded"], lessons(playbook))
        for row in counts
        for playbook in [known[row["playbook_version__playbook"]]]
    ]


def latest_reading(message: Message) -> Reading | None:
    """The understanding that holds: the newest row."""
    return message.readings.order_by("-id").first()


def last_inbound(conversation: Conversation) -> Message | None:
    """The latest message of a person on the recipient."""
    return (
        conversation.messages.filter(direction=Message.Direction.IN)
        .filter(Q(attributes__kind__isnull=True) | ~Q(attributes__kind__in=AUTOMATIC_KINDS))
        .order_by("-id")
        .first()
    )
