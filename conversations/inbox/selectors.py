"""What the inbox, the lead page and the home page read: queues, the timeline, who else is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from conversations.consent import holds
from conversations.consent.models import Hold
from conversations.models import CONVERSATION, MESSAGE, Conversation, Message, MessageEvent
from conversations.replies.models import Presence, Reading, Suggestion
from outreach.access.models import User
from outreach.core.audit import trail
from outreach.core.models import AuditEntry
from outreach.core.states import State

PAGE_SIZE = 40
TIMELINE_SIZE = 60
PRESENT = timedelta(seconds=45)
WRITING = timedelta(seconds=20)

Text = str | Promise


@dataclass(frozen=True)
class Queue:
    """One view of the inbox: its filter and the column that orders it (ascending, or descending with a minus)."""

    name: str
    label: Text
    order: str
    hint: Text


QUEUES = {
    queue.name: queue
    for queue in (
        Queue(
            "waiting",
            gettext_lazy("Needs an answer"),
            "waiting_since",
            gettext_lazy("No one is waiting for an answer."),
        ),
        Queue(
            "person",
            gettext_lazy("Needs a person"),
            "waiting_since",
            gettext_lazy("Nothing needs a person's decision."),
        ),
        Queue(
            "held",
            gettext_lazy("May want to stop"),
            "waiting_since",
            gettext_lazy("Nobody who may want us to stop waits for a decision."),
        ),
        Queue(
            "drafted",
            gettext_lazy("Answer drafted"),
            "waiting_since",
            gettext_lazy("No drafted answers to review."),
        ),
        Queue("mine", gettext_lazy("Mine"), "-updated_at", gettext_lazy("Nothing is assigned to you.")),
        Queue("lead", gettext_lazy("Waiting for them"), "-updated_at", gettext_lazy("No one owes you a reply.")),
        Queue("snoozed", gettext_lazy("Snoozed"), "snoozed_until", gettext_lazy("Nothing is snoozed.")),
        Queue("booked", gettext_lazy("Booked"), "-updated_at", gettext_lazy("No calls booked yet.")),
        Queue("opted_out", gettext_lazy("Opted out"), "-updated_at", gettext_lazy("No opt-outs.")),
        Queue(
            "all",
            gettext_lazy("All"),
            "-updated_at",
            gettext_lazy("Conversations start with the first message sent or received."),
        ),
    )
}


@dataclass
class Row:
    """One line of the inbox."""

    conversation: Conversation
    last: Message | None = None
    reading: Reading | None = None
    has_suggestion: bool = False


def questions(conversation: Conversation) -> QuerySet[Hold]:
    """What a person has to decide before anything automatic goes out here."""
    return holds.open_on(conversation).select_related("message")


def proposed_people(conversation: Conversation) -> QuerySet[Hold]:
    """Whose answer this conversation with an unknown address may be."""
    rows = Hold.objects.filter(message__conversation=conversation, question=Hold.Question.WHOSE, decided_at=None)
    return rows.select_related("conversation__lead").order_by("id")


def queue_rows(name: str, *, user: User, now: datetime, channel: str = "") -> QuerySet[Conversation]:
    """The conversations of a queue, unordered."""
    rows = Conversation.objects.select_related("lead__company", "assigned_to")
    is_awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    proposed = Exists(Suggestion.objects.proposed().filter(conversation=OuterRef("pk")))
    conditions: dict[str, Q] = {
        "waiting": Q(waiting_since__isnull=False) & is_awake,
        "person": Q(waiting_since__isnull=False) & is_awake & ~Q(proposed) & Q(handler=Conversation.Handler.PERSON),
        "held": Q(Exists(Hold.objects.filter(conversation=OuterRef("pk"), decided_at=None))),
        "drafted": Q(waiting_since__isnull=False) & is_awake & Q(proposed),
        "mine": Q(assigned_to=user.pk) & ~Q(state=CONVERSATION.CLOSED),
        "lead": Q(waiting_since=None, last_outbound_at__isnull=False, state__in=CONVERSATION.undecided) & is_awake,
        "snoozed": Q(snoozed_until__gt=now),
        "booked": Q(state=CONVERSATION.BOOKED),
        "opted_out": Q(state=CONVERSATION.OPTED_OUT),
        "all": Q(),
    }
    rows = rows.filter(conditions[name])
    if channel:
        rows = rows.filter(Exists(Message.objects.filter(conversation=OuterRef("pk"), channel=channel)))
    return rows


def page(
    name: str, *, user: User, now: datetime, channel: str = "", after: str = "", limit: int = PAGE_SIZE
) -> tuple[list[Row], str]:
    """One page of a queue and the key of the next one. `after` is `<ISO time>_<id>` of the last row before."""
    column = QUEUES[name].order
    field_name, is_descending = column.lstrip("-"), column.startswith("-")
    rows = queue_rows(name, user=user, now=now, channel=channel)
    if key := _parse_key(after):
        at, pk = key
        beyond = "lt" if is_descending else "gt"
        rows = rows.filter(Q(**{f"{field_name}__{beyond}": at}) | Q(**{field_name: at, f"pk__{beyond}": pk}))
    order = F(field_name).desc() if is_descending else F(field_name).asc()
    found = list(rows.order_by(order, "-pk" if is_descending else "pk")[: limit + 1])
    following = ""
    if len(found) > limit:
        found = found[:limit]
        last = found[-1]
        following = f"{getattr(last, field_name).isoformat()}_{last.pk}"
    return _dressed(found), following


def _parse_key(after: str) -> tuple[datetime, int] | None:
    at, separator, pk = after.rpartition("_")
    try:
        return (datetime.fromisoformat(at.replace(" ", "+")), int(pk)) if separator else None
    except ValueError:
        return None


def _dressed(conversations: list[Conversation]) -> list[Row]:
    keys = [c.pk for c in conversations]
    lasts = {
        m.conversation_id: m
        for m in Message.objects.filter(conversation__in=keys)
        .exclude(direction=Message.Direction.OUT, state__in=MESSAGE.untried)
        .order_by("conversation_id", "-id")
        .distinct("conversation_id")
    }
    readings = {
        r.message.conversation_id: r
        for r in Reading.objects.filter(message__conversation__in=keys)
        .select_related("message")
        .order_by("message__conversation_id", "-message_id", "-id")
        .distinct("message__conversation_id")
    }
    proposed = set(
        Suggestion.objects.proposed().filter(conversation__in=keys).values_list("conversation_id", flat=True)
    )
    return [Row(c, lasts.get(c.pk), readings.get(c.pk), c.pk in proposed) for c in conversations]


def counts(*, user: User, now: datetime, cap: int = 100) -> dict[str, int]:
    """Counts of the queues that need a person, up to `cap`."""
    names = ("waiting", "person", "held", "drafted", "mine")
    return {name: queue_rows(name, user=user, now=now).order_by().values("pk")[:cap].count() for name in names}


# --- one conversation --------------------------------------------------------------------------------------------------


@dataclass
class Entry:
    """One thing in the timeline: a message (in, out, note) or an event."""

    at: datetime
    kind: str
    """in, out, note or event"""
    key: str
    message: Message | None = None
    reading: Reading | None = None
    text: str = ""
    colour: str = "grey"
    by: str = ""
    steps: list[MessageEvent] = field(default_factory=list)


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
    "conversation.released": gettext_lazy("returned it to the AI"),
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
    entries = [
        Entry(
            at=m.received_at or m.sent_at or m.scheduled_at or m.created_at,
            kind=m.direction,
            key=f"m{m.pk}",
            message=m,
            reading=readings.get(m.pk),
            steps=steps.get(m.pk, []),
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
        text, colour = f"{_ACTIONS[row.action]} {row.reason}".strip(), "grey"
    elif state := CONVERSATION.states.get(name):
        text = f"{state.label}: {row.reason}" if row.reason else str(state.label)
        colour = state.colour
    else:
        return None
    by = row.actor_name if row.actor_kind == "user" else ""
    return Entry(at=row.at, kind="event", key=f"a{row.pk}", text=text, colour=colour, by=by)


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


def others_here(conversation: Conversation, *, user: User, now: datetime) -> list[tuple[str, bool]]:
    """(name, whether they are writing) of everyone else who has this conversation open."""
    rows = (
        Presence.objects.filter(conversation=conversation, seen_at__gt=now - PRESENT)
        .exclude(user=user)
        .select_related("user")
    )
    return [(r.user.get_username(), bool(r.wrote_at and r.wrote_at > now - WRITING)) for r in rows]


def actions(conversation: Conversation, *, user: User) -> list[tuple[str, State]]:
    """The states that this person may bring the conversation into: the buttons."""
    role = "administrator" if user.is_superuser else user.role
    return [(name, state) for name, state in CONVERSATION.next_by_hand(conversation.state, role) if name != "dormant"]


def channels_of(conversation: Conversation) -> list[str]:
    """The channels on which this person can be answered, the last used first."""
    used = conversation.messages.exclude(address="").order_by("-id").values_list("channel", flat=True)[:50]
    own: Iterable[str] = [i.channel for i in conversation.lead.identities.all()] if conversation.lead else []
    return list(dict.fromkeys([*used, *own]))


def lead_panel(lead_id: int) -> dict[str, Any] | None:
    """The conversation panel of the lead's page; None without messages."""
    conversation = Conversation.objects.filter(lead_id=lead_id).select_related("lead", "assigned_to").first()
    if conversation is None:
        return None
    return {
        "conversation": conversation,
        "row": _dressed([conversation])[0],
        "suggestion": open_suggestion(conversation),
    }


def home_rows(*, user: User, now: datetime, limit: int = 6) -> list[Row]:
    """Who has waited longest."""
    return page("waiting", user=user, now=now, limit=limit)[0]


def message_state(message: Message) -> State:
    return MESSAGE.states[message.state]
