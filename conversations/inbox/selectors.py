"""What a conversation's page and the lead page read: the timeline, who else is here, what may be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from conversations.consent import holds
from conversations.consent.models import Hold
from conversations.consent.zones import recipient_zones
from conversations.inbox.models import Preference
from conversations.inbox.queues import dressed
from conversations.memory.models import Memory, Topic
from conversations.models import CONVERSATION, MESSAGE, Conversation, Message, MessageEvent
from conversations.outbox.copies import MAX_COPIES
from conversations.replies.models import Presence, Reading, Suggestion
from outreach.access.models import User
from outreach.core.audit import trail
from outreach.core.dates import written
from outreach.core.models import AuditEntry

TIMELINE_SIZE = 60
MEMORIES = 60

Text = str | Promise


def questions(conversation: Conversation) -> QuerySet[Hold]:
    """What a person has to decide before anything automatic goes out here."""
    return holds.open_on(conversation).select_related("message")


def proposed_people(conversation: Conversation) -> QuerySet[Hold]:
    """Whose answer this conversation with an unknown address may be."""
    rows = Hold.objects.filter(message__conversation=conversation, question=Hold.Question.WHOSE, decided_at=None)
    return rows.select_related("conversation__lead").order_by("id")


@dataclass
class Entry:
    """One thing in the timeline: a message (in, out, note) or an event."""

    at: datetime
    kind: str
    """in, out, note, event, or dropped: cancelled before it left"""
    key: str
    message: Message | None = None
    reading: Reading | None = None
    text: str = ""
    colour: str = "grey"
    by: str = ""
    steps: list[MessageEvent] = field(default_factory=list)
    edit: str = ""
    """What a person changed in the suggested answer, as a unified difference."""


_SHOWN_EVENTS = {
    "delivered": (gettext_lazy("Delivered"), "green"),
    "opened": (gettext_lazy("Opened"), "green"),
    "clicked": (gettext_lazy("Clicked"), "green"),
    "bounced": (gettext_lazy("Bounced"), "red"),
    "failed": (gettext_lazy("Failed"), "red"),
    "delayed": (gettext_lazy("Delivery delayed"), "amber"),
    "complained": (gettext_lazy("Reported as spam"), "red"),
    "unsubscribed": (gettext_lazy("Unsubscribed"), "red"),
    "machine_opened": (gettext_lazy("Opened by a machine"), "grey"),
    "machine_clicked": (gettext_lazy("Link clicked by a machine"), "grey"),
    "auto_replied": (gettext_lazy("Automatic reply"), "grey"),
    "reacted": (gettext_lazy("Reacted with an emoji"), "grey"),
    "deleted_unread": (gettext_lazy("Deleted unread"), "grey"),
    "bounced_elsewhere": (gettext_lazy("Bounced where it was passed on"), "grey"),
}
_ACTIONS = {
    "conversation.taken_over": gettext_lazy("took over"),
    "conversation.released": gettext_lazy("let answers be drafted again"),
    "conversation.assigned": gettext_lazy("assigned"),
    "conversation.snoozed": gettext_lazy("snoozed until"),
    "conversation.woken": gettext_lazy("ended the snooze"),
    "conversation.no_answer_needed": gettext_lazy("needs no answer"),
}


def newest_id(conversation: Conversation) -> int:
    """The newest message that two people must both have seen before they answer."""
    newest = (
        conversation.messages.exclude(direction=Message.Direction.NOTE)
        .exclude(direction=Message.Direction.OUT, author=None, state__in=MESSAGE.unsent)
        .exclude(direction=Message.Direction.OUT, state=MESSAGE.CANCELLED)
        .order_by("-id")
        .values_list("pk", flat=True)
        .first()
    )
    return newest or 0


def timeline(
    conversation: Conversation, *, before: int | None = None, limit: int = TIMELINE_SIZE
) -> tuple[list[Entry], int | None]:
    """Messages, their events and manual actions, oldest first; and the id for loading earlier ones."""
    rows = conversation.messages.select_related("author", "approved_by", "sender", "interaction").order_by("-id")
    if before:
        rows = rows.filter(pk__lt=before)
    messages = list(rows[: limit + 1])
    earlier = messages[limit - 1].pk if len(messages) > limit else None
    messages = messages[:limit]
    keys = [m.pk for m in messages]
    readings: dict[int, Reading] = {}
    for reading in Reading.objects.filter(message__in=keys).select_related("decided_by").order_by("id"):
        readings[reading.message_id] = reading
    steps: dict[int, list[MessageEvent]] = {}
    for event in MessageEvent.objects.filter(message__in=keys, kind__in=list(_SHOWN_EVENTS)).order_by("id"):
        steps.setdefault(event.message_id, []).append(event)
    edited = Suggestion.objects.filter(sent_message__in=keys).exclude(edit="")
    edits = dict(edited.values_list("sent_message", "edit"))
    entries = [
        Entry(
            at=m.received_at or m.sent_at or m.scheduled_at or m.created_at,
            kind="dropped" if m.is_cancelled else m.direction,
            key=f"m{m.pk}",
            message=m,
            reading=readings.get(m.pk),
            steps=steps.get(m.pk, []),
            edit=edits.get(m.pk, ""),
        )
        for m in messages
    ]
    start = min((e.at for e in entries), default=None) if earlier else None
    entries += [e for e in map(_audit_entry, trail(conversation)[:100]) if e and (start is None or e.at >= start)]
    if before:
        entries = [e for e in entries if e.message]
    return sorted(entries, key=lambda e: e.at), earlier


def _audit_entry(row: AuditEntry) -> Entry | None:
    name = row.action.removeprefix("conversation.")
    if row.action in _ACTIONS:
        why = row.why
        if row.action == "conversation.snoozed" and (until := parse_datetime(why)):
            why = written(until, "d MMM y")
        text, colour = f"{_ACTIONS[row.action]} {why}".strip(), "grey"
    elif state := CONVERSATION.states.get(name):
        text = f"{state.label}: {row.why}" if row.reason else str(state.label)
        colour = state.colour
    else:
        return None
    by = row.actor_name if row.actor_kind == "user" else ""
    return Entry(at=row.at, kind="event", key=f"a{row.pk}", text=text, colour=colour, by=by)


def memories(conversation: Conversation) -> list[Memory]:
    """What is remembered, as the pane shows it: what waits first, then pinned, then by topic and age."""
    order = list(Topic)
    rows = Memory.objects.live().filter(conversation=conversation).select_related("author")
    return sorted(
        rows.order_by("-mentioned_at")[:MEMORIES],
        key=lambda row: (not row.is_open, not row.is_pinned, order.index(Topic(row.topic)), row.pk),
    )


def event_label(event: MessageEvent) -> tuple[str, str]:
    """Label and colour of what happened to a message."""
    label, colour = _SHOWN_EVENTS.get(event.kind, (event.kind, "grey"))
    reason = (
        str(event.data.get("reason") or event.data.get("class") or "")
        if event.kind in {"bounced", "failed", "delayed"}
        else ""
    )
    return f"{label}: {reason[:140]}" if reason else str(label), colour


def open_suggestion(conversation: Conversation) -> Suggestion | None:
    """The answer that is proposed right now."""
    return conversation.suggestions.proposed().select_related("interaction", "answers").first()


@dataclass(frozen=True)
class TheirClock:
    """What time it is for the recipient, and when an answer could leave."""

    zone: str
    now: datetime
    proposed: tuple[tuple[Text, datetime], ...]


def clock_of(conversation: Conversation, *, now: datetime) -> TheirClock:
    """The recipient's clock, as far as the place is known; the viewer's otherwise."""
    lead = conversation.lead
    zones = (
        recipient_zones(time_zone=lead.time_zone, country=lead.country, city=lead.city, region=lead.region)
        if lead
        else ()
    )
    zone = ZoneInfo(zones[0]) if zones else timezone.get_current_timezone()
    local = now.astimezone(zone)
    morning = (local + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    monday = morning + timedelta(days=(7 - morning.weekday()) % 7)
    return TheirClock(
        zones[0] if zones else "",
        local.replace(tzinfo=None),
        (
            (gettext_lazy("In an hour"), now + timedelta(hours=1)),
            (gettext_lazy("Tomorrow, 9:00 their time"), morning),
            (gettext_lazy("Monday, 9:00 their time"), monday),
        ),
    )


def opens_next(user: User) -> bool:
    """Whether the next conversation opens after an answer of `user`."""
    return Preference.objects.filter(user=user, opens_next=True).exists()


def others_here(conversation: Conversation, *, user: User, now: datetime) -> list[tuple[str, bool]]:
    """(name, whether they are writing) of everyone else who has this conversation open."""
    rows = (
        Presence.objects.filter(conversation=conversation, seen_at__gt=now - Presence.HERE)
        .exclude(user=user)
        .select_related("user")
    )
    return [(r.user.get_username(), r.is_writing(now)) for r in rows]


_VERBS = {
    "engaged": gettext_lazy("Reopen"),
    "booked": gettext_lazy("Mark as booked"),
    "opted_out": gettext_lazy("Opt out"),
    "closed": gettext_lazy("Close"),
}


def actions(conversation: Conversation, *, user: User) -> list[tuple[str, Text]]:
    """(state, label of its button) for each state that this person may bring the conversation into."""
    role = "administrator" if user.is_superuser else user.role
    return [
        (name, _VERBS[name]) for name, _state in CONVERSATION.next_by_hand(conversation.state, role) if name in _VERBS
    ]


def others_addressed(message: Message) -> list[str]:
    """Who else an e-mail went to, so that an answer can go to all: neither its writer nor the mailbox that got it."""
    ours = message.sender.address.lower() if message.sender else ""
    named = [str(address).lower() for key in ("to", "cc") for address in message.attributes.get(key) or ()]
    return [address for address in dict.fromkeys(named) if address not in {"", ours, message.address}][:MAX_COPIES]


def channels_of(conversation: Conversation) -> list[str]:
    """The channels on which this person can be answered, the last used first."""
    used = conversation.messages.exclude(address="").order_by("-id").values_list("channel", flat=True)[:50]
    own: Iterable[str] = [i.channel for i in conversation.lead.identities.all()] if conversation.lead else []
    return list(dict.fromkeys([*used, *own]))


def lead_panel(lead_id: int, *, user: User) -> dict[str, Any] | None:
    """The conversation panel of the lead's page; None without messages."""
    conversation = Conversation.objects.filter(lead_id=lead_id).select_related("lead", "assigned_to").first()
    if conversation is None:
        return None
    return {
        "conversation": conversation,
        "row": dressed([conversation], user=user)[0],
        "suggestion": open_suggestion(conversation),
    }
