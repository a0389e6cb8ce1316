"""Remember, correct, pin, settle and forget."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from conversations.memory.extraction import IMPORTANCE, SINGLE, Finding
from conversations.memory.forgetting import days_until_faded, is_kept
from conversations.memory.models import Ending, Memory, Origin, Term, Topic
from conversations.models import CONVERSATION, Conversation, Message
from outreach.access.models import User
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.hashing import joined_hash
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.llm.models import Interaction

MAX_TEXT = 500
BATCH = 1_000


def learn(
    message: Message, findings: Iterable[Finding], *, origin: str = Origin.RULES, interaction: Interaction | None = None
) -> list[Memory]:
    """Remember what `message` says, in the caller's transaction under its conversation's lock; what is new.

    What was said before counts as said again. What a person removed is not learned again; what they edited stays.
    """
    made = []
    for finding in findings:
        row = _learn(message, finding, origin=origin, interaction=interaction)
        if row is not None:
            made.append(row)
    if made:
        publish("conversation.changed", conversation_id=message.conversation_id)
    return made


def _learn(message: Message, finding: Finding, *, origin: str, interaction: Interaction | None) -> Memory | None:
    at = message.received_at or message.created_at
    key = _key(finding.topic, finding.text)
    rows = Memory.objects.filter(conversation=message.conversation_id)
    before = rows.filter(key=key).first()
    if before is not None:
        if before.message_id != message.pk and before.ending != Ending.FORGOTTEN:
            _say_again(before, message, at)
        return None
    if origin == Origin.MODEL and rows.filter(topic=finding.topic, quote__contains=finding.quote).exists():
        return None  # the rules have it, in fewer words
    importance = IMPORTANCE[finding.topic]
    if finding.topic in SINGLE:
        older = rows.filter(topic=finding.topic, ending="", is_pinned=False).exclude(origin=Origin.PERSON)
        older.update(ending=Ending.REPLACED, updated_at=clock.now())
    return Memory.objects.create(
        conversation_id=message.conversation_id,
        topic=finding.topic,
        text=finding.text,
        quote=finding.quote,
        key=key,
        message=message,
        origin=origin,
        interaction=interaction,
        importance=importance,
        mentioned_at=at,
        **_lasting(importance=importance, mentions=1, at=at),
    )


def _say_again(row: Memory, message: Message, at: datetime) -> None:
    mentions = row.mentions + 1
    at = max(at, row.mentioned_at)
    lasting = _lasting(importance=row.importance, mentions=mentions, at=at)
    Memory.objects.filter(pk=row.pk).update(
        mentions=F("mentions") + 1, mentioned_at=at, ending="", message=message, updated_at=clock.now(), **lasting
    )


def _lasting(*, importance: float, mentions: int, at: datetime) -> dict[str, Any]:
    """Its term, and when it goes: consolidation happens when it is said."""
    if is_kept(importance=importance, mentions=mentions):
        return {"term": Term.LONG, "fades_at": None}
    days = days_until_faded(importance=importance, mentions=mentions)
    return {"term": Term.SHORT, "fades_at": at + timedelta(days=days)}


def _key(topic: str, text: str) -> str:
    return joined_hash(topic, " ".join(text.casefold().replace("ё", "е").split()))


# --- by a person ----------------------------------------------------------------------------------------------------


def add(*, conversation: Conversation, topic: str, text: str, user: User) -> Memory:
    """Remember what a colleague knows; for good. Raises `Invalid` for an empty text or an unknown topic."""
    text = _checked(text)
    if topic not in Topic.values:
        raise Invalid("topic", _("Choose what it is about."), code="wrong_choice")
    values = {
        "topic": topic, "text": text, "origin": Origin.PERSON, "author": user, "importance": max(0.8, IMPORTANCE[topic]),
        "term": Term.LONG, "fades_at": None, "ending": "", "mentioned_at": clock.now(),
    }  # fmt: skip
    with transaction.atomic():
        row, _is_new = Memory.objects.update_or_create(
            conversation=conversation, key=_key(topic, text), defaults=values
        )
        _note(row, "added", user)
    return row


def edit(*, memory: Memory, text: str, user: User, was: str | None = None) -> Memory:
    """Correct it; where it comes from stays shown. `was` is the text that the person saw.

    Raises `Refused` when somebody changed it meanwhile, or when the same fact is there already.
    """
    text = _checked(text)
    with transaction.atomic():
        row = Memory.objects.select_for_update().get(pk=memory.pk)
        if was is not None and was != row.text:
            raise Refused(_("Changed meanwhile to “%(text)s”.") % {"text": row.text}, code="changed_meanwhile")
        key = _key(row.topic, text)
        if Memory.objects.filter(conversation=row.conversation_id, key=key).exclude(pk=row.pk).exists():
            raise Refused(_("That is remembered already."), code="duplicate")
        row.text, row.key, row.origin, row.author = text, key, Origin.PERSON, user
        row.term, row.fades_at, row.ending = Term.LONG, None, ""
        row.save()
        _note(row, "edited", user)
    return row


@transaction.atomic
def pin(*, memory: Memory, user: User, is_pinned: bool = True) -> None:
    """Keep it at the top and for good, or no longer."""
    changes: dict[str, Any] = {"is_pinned": is_pinned}
    if is_pinned:
        changes |= {"term": Term.LONG, "fades_at": None}
    Memory.objects.filter(pk=memory.pk).update(**changes, updated_at=clock.now())
    _note(memory, "pinned" if is_pinned else "unpinned", user)


@transaction.atomic
def settle(*, memory: Memory, user: User) -> None:
    """A question is answered, a promise kept. Raises `Refused` for anything else."""
    if not Memory.objects.open_items().filter(pk=memory.pk).update(ending=Ending.SETTLED, updated_at=clock.now()):
        raise Refused(_("There is nothing to do here."), code="transition_not_allowed")
    _note(memory, "settled", user)


@transaction.atomic
def forget(*, memory: Memory, user: User) -> None:
    """Remove it: its words go, and it is not learned again."""
    Memory.objects.filter(pk=memory.pk).update(
        text="", quote="", ending=Ending.FORGOTTEN, is_pinned=False, fades_at=None, updated_at=clock.now()
    )
    _note(memory, "forgotten", user)


def _checked(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise Invalid("text", _("Enter what to remember."), code="empty")
    if len(text) > MAX_TEXT:
        raise Invalid("text", _("At most %(count)s characters.") % {"count": MAX_TEXT}, code="too_long")
    return text


def _note(row: Memory, action: str, user: User) -> None:
    record(f"memory.{action}", subject=row, actor=Actor.of(user), data={"topic": row.topic})
    publish("conversation.changed", conversation_id=row.conversation_id)


# --- by the clock ---------------------------------------------------------------------------------------------------


def settle_questions(conversation: Conversation) -> int:
    """We answered what they asked; how many questions."""
    rows = Memory.objects.open_items().filter(conversation=conversation, topic=Topic.QUESTION)
    return rows.update(ending=Ending.SETTLED, updated_at=clock.now())


def fade(*, limit: int = BATCH) -> int:
    """Short-term memory whose time is over: kept for good where the conversation led to a call, else removed; how many.

    Found by its index, a batch at a time.
    """
    due = list(Memory.objects.faded(clock.now()).order_by("fades_at").values_list("pk", flat=True)[:limit])
    rows = Memory.objects.filter(pk__in=due)
    succeeded = rows.filter(conversation__state=CONVERSATION.BOOKED, ending="")
    Memory.objects.filter(pk__in=list(succeeded.values_list("pk", flat=True))).update(term=Term.LONG, fades_at=None)
    rows.filter(fades_at__isnull=False).delete()
    return len(due)
