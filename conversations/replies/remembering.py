"""What a conversation teaches: facts, objections, questions of theirs, promises of ours; its episode and its context.

Rules read every reply in the transaction that stores it. Where a model is connected it reads the reply afterwards, as
data, and may only point at words: what it quotes must stand in the text, and these words are all that is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from django.db import transaction
from pydantic import BaseModel, Field

from conversations.memory import services as memory
from conversations.memory.extraction import Finding, find_facts, find_promises, keep_quoted
from conversations.memory.models import Ending, Memory, Origin, Topic
from conversations.models import CONVERSATION, Conversation, Message
from conversations.playbooks.definition import LANGUAGES
from conversations.reading.incoming import unwrapped
from conversations.replies import moments, optouts, rules, subjects
from conversations.replies.models import AUTOMATIC, Intent, Reading
from conversations.replies.selectors import latest_reading
from conversations.replies.situation import Situation, is_price
from outreach.core.states import Text
from outreach.jobs.services import enqueue
from outreach.llm import configured
from outreach.llm import services as llm
from outreach.prompts import rendering
from outreach.prompts import services as packs

PACK, ROUTE = "remember-reply", "classify"
MAX_MODEL_TEXT = 3_000
NOT_READ = frozenset({*AUTOMATIC, Intent.OPT_OUT, Intent.ABUSIVE, Intent.REACTION})
"""Nothing is kept about somebody who wants no contact, nor from a machine."""
OBJECTING = frozenset({"negative", "not_now"})
EPISODE = 40
"""Readings that an episode looks back on."""


Quote = Annotated[str, Field(max_length=400)]


class Facts(BaseModel):
    """What a model found: the words of the text that say it, by topic."""

    person: list[Quote] = Field(default_factory=list, max_length=5)
    team: list[Quote] = Field(default_factory=list, max_length=5)
    tool: list[Quote] = Field(default_factory=list, max_length=5)
    budget: list[Quote] = Field(default_factory=list, max_length=5)
    date: list[Quote] = Field(default_factory=list, max_length=5)
    channel: list[Quote] = Field(default_factory=list, max_length=5)
    language: list[Quote] = Field(default_factory=list, max_length=5)
    time: list[Quote] = Field(default_factory=list, max_length=5)
    objection: list[Quote] = Field(default_factory=list, max_length=5)
    question: list[Quote] = Field(default_factory=list, max_length=5)
    other: list[Quote] = Field(default_factory=list, max_length=5)

    def findings(self) -> Iterator[Finding]:
        for topic in Topic.values:
            for quote in getattr(self, topic, ()):
                yield Finding(topic, quote, quote)


def learn(message: Message, reading: Reading) -> None:
    """Remember what a reply says, by rules, in the caller's transaction under the conversation's lock."""
    if reading.intent in NOT_READ:
        return
    body = unwrapped(message.body)
    _note_subjects(body, message, reading)
    memory.learn(message, [*find_facts(body), *_said(body, message, reading)])
    if configured.uses_model(ROUTE):
        enqueue("conversations.replies.tasks.remember", message.pk, lane="llm", key=f"remember:{message.pk}")


def _note_subjects(body: str, message: Message, reading: Reading) -> None:
    """Keep with the reading what kinds of questions and objections the reply has."""
    heard = _heard(body, message, reading)
    asking = [one for one in heard.sentences if ("?" in one and not rules.is_about_a_call(one)) or is_price(one)]
    objecting = [one for one in heard.sentences if "?" not in one] if reading.intent in OBJECTING else []
    found = subjects.find(questions=asking or heard.questions, objections=objecting)
    if found:
        reading.facts = reading.facts | {"subjects": {one.kind: one.quote for one in found}}
        Reading.objects.filter(pk=reading.pk).update(facts=reading.facts)


def _heard(body: str, message: Message, reading: Reading) -> Situation:
    at = (message.received_at or message.created_at).date()
    return Situation(text=body, intent=reading.intent, language=reading.language, channel=message.channel, today=at)


def _said(body: str, message: Message, reading: Reading) -> Iterator[Finding]:
    """Objections, questions, and the day on which they want to hear from us."""
    at = (message.received_at or message.created_at).date()
    heard = _heard(body, message, reading)
    for sentence in heard.sentences:
        normal = optouts.normalise(sentence)
        if "?" not in sentence and OBJECTING & {name for name, _why in rules.spoken(normal)[:1]}:
            yield Finding(Topic.OBJECTION, sentence[:200], sentence)
        elif is_price(sentence) and "?" in sentence:
            yield Finding(Topic.QUESTION, sentence[:200], sentence)
        if reading.facts.get("until") and moments.moment(normal, today=at):
            yield Finding(Topic.DATE, f"{sentence[:180]} ({reading.facts['until']})", sentence)
    for question in heard.questions:
        yield Finding(Topic.QUESTION, question[:200], question[:400])


def ask_model(message: Message) -> int:
    """What a model finds in a reply beyond the rules; how many facts are new. Do not call it in a transaction."""
    reading = latest_reading(message)
    if reading is None or reading.intent in NOT_READ:
        return 0
    text = unwrapped(message.body)[:MAX_MODEL_TEXT]
    version = packs.current(PACK)
    rendered = rendering.render(
        version,
        language=reading.language if reading.language in LANGUAGES else "en",
        trusted={"channel": message.channel},
        untrusted={"reply": text},
    )
    trace = llm.open_trace("remember-reply", lead_id=message.lead_id)
    completion = llm.complete(
        llm.Call(
            trace=trace,
            step="remember",
            route=ROUTE,
            messages=rendered.messages,
            schema=Facts,
            builtin=lambda: Facts(),
            pack_sha=version.sha,
        )
    )
    llm.close_trace(trace)
    found = keep_quoted(completion.output.findings(), text)
    with transaction.atomic():
        Conversation.objects.select_for_update().get(pk=message.conversation_id)
        return len(memory.learn(message, found, origin=Origin.MODEL, interaction=completion.interaction))


# --- what we said ---------------------------------------------------------------------------------------------------


def learn_from_answer(conversation: Conversation) -> None:
    """Our newest answer: its promises are remembered; what they asked is answered, unless it promises an answer.

    `conversation` is locked by the caller. Files that go with it keep an earlier promise to send something.
    """
    answer = conversation.messages.outgoing().order_by("-id").first()
    if answer is None:
        return
    promises = find_promises(answer.body)
    if answer.enclosures:
        _kept_promises(conversation)
    memory.learn(answer, promises)
    if not promises:
        memory.settle_questions(conversation)


def _kept_promises(conversation: Conversation) -> None:
    rows = Memory.objects.open_items().filter(conversation=conversation, topic=Topic.PROMISE)
    rows.update(ending=Ending.SETTLED)


def reopen(conversation: Conversation) -> None:
    """An answer was taken back: what they asked since our last message is open again."""
    ours = conversation.messages.left().order_by("-id").values_list("pk", flat=True).first() or 0
    rows = conversation.memories.filter(topic=Topic.QUESTION, ending=Ending.SETTLED, message__gt=ours)
    rows.update(ending="")


# --- what happened, and where it stands ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Picture:
    """The episode (what they wanted, in order, and how it stands) and the context (what is open now)."""

    steps: tuple[Text, ...]
    outcome: Text
    goal: str
    open_items: tuple[Memory, ...]
    asked_for: date | None
    snoozed_until: datetime | None


def picture(conversation: Conversation) -> Picture:
    """Read from readings, states and open memories, so that it never disagrees with them."""
    rows = Reading.objects.filter(message__conversation=conversation).order_by("-id")[:EPISODE]
    latest: dict[int, Reading] = {}
    for row in rows:
        latest.setdefault(row.message_id, row)
    intents = [Intent(latest[pk].intent) for pk in sorted(latest)]
    steps = [one.label for number, one in enumerate(intents) if number == 0 or intents[number - 1] != one]
    newest = latest[max(latest)] if latest else None
    until = str(newest.facts.get("until") or "") if newest else ""
    return Picture(
        steps=tuple(steps),
        outcome=CONVERSATION.states[conversation.state].label,
        goal=conversation.goal,
        open_items=tuple(Memory.objects.open_items().filter(conversation=conversation).order_by("id")[:EPISODE]),
        asked_for=date.fromisoformat(until) if until else None,
        snoozed_until=conversation.snoozed_until,
    )
