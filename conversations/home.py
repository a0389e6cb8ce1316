"""What conversations show on the home page: who waits for an answer, today's plan, senders that do not send."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import Count, DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import TruncHour
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.models import MESSAGE, Conversation, Message
from conversations.outbox.models import STREAM
from conversations.replies.models import Intent, Reading, Suggestion
from conversations.senders import health
from conversations.senders.models import Sender
from outreach.core import clock
from outreach.core.home import Panel, Tile
from outreach.core.navigation import address, capped

SHOWN_REPLIES = 6
SHOWN_SENDERS = 5
INTENT_COLOURS = {
    Intent.POSITIVE: "green",
    Intent.BOOKING: "green",
    Intent.QUESTION: "blue",
    Intent.REFERRAL: "blue",
    Intent.NEGATIVE: "red",
    Intent.OPT_OUT: "red",
    Intent.COMPLAINT: "red",
    Intent.NOT_NOW: "amber",
    Intent.UNCLEAR: "amber",
}
URGENCY = {Intent.BOOKING: 0, Intent.POSITIVE: 0, Intent.QUESTION: 1, Intent.REFERRAL: 1}
"""Who is answered first; all others come after them."""


def waiting(request: HttpRequest) -> QuerySet[Conversation]:
    """Conversations that are owed an answer: the inbox's first queue."""
    return Conversation.objects.waiting(clock.now())


def waiting_count(request: HttpRequest) -> int:
    """How many people wait for an answer, counted once a page."""
    if not hasattr(request, "waiting_count"):
        request.waiting_count = capped(waiting(request))  # type: ignore[attr-defined]
    return int(request.waiting_count)  # type: ignore[attr-defined]


def replies_waiting(request: HttpRequest) -> Tile:
    """Conversations that are owed an answer and are not snoozed."""
    return Tile(
        _("waiting for an answer"),
        waiting_count(request),
        address("inbox:list"),
        order=10,
        action=_("Answer replies"),
    )


def waiting_replies(request: HttpRequest) -> Panel | None:
    """Whom to answer first, with their first words."""
    if not waiting_count(request):
        return None
    rows = sorted(_replies(waiting(request)), key=lambda row: (row["urgency"], row["conversation"].waiting_since))
    context = {"rows": rows[:SHOWN_REPLIES]}
    return Panel(_("Replies waiting"), "conversations/_home_replies.html", context, 10, "main", address("inbox:list"))


def _replies(waiting: QuerySet[Conversation]) -> list[dict[str, Any]]:
    """The longest waiting conversations, what was written last, how it was read, and whether an answer is drafted."""
    oldest = waiting.select_related("lead__company").order_by("waiting_since", "pk")
    conversations = list(oldest[: 4 * SHOWN_REPLIES])
    last = Message.objects.received().filter(conversation__in=conversations).order_by("conversation_id", "-id")
    words = {message.conversation_id: message for message in last.distinct("conversation_id")}
    read = Reading.objects.filter(message__in=[message.pk for message in words.values()]).order_by("pk")
    intents = dict(read.values_list("message__conversation_id", "intent"))
    proposed = Suggestion.objects.proposed().filter(conversation__in=conversations)
    drafted = set(proposed.values_list("conversation_id", flat=True))
    rows = []
    for conversation in conversations:
        name = intents.get(conversation.pk, "")
        intent = Intent(name) if name in Intent.values else None
        rows.append(
            {
                "conversation": conversation,
                "url": address("inbox:conversation", conversation.pk),
                "words": words[conversation.pk].body if conversation.pk in words else "",
                "intent": intent.label if intent else "",
                "colour": INTENT_COLOURS.get(intent, "grey") if intent else "grey",
                "urgency": URGENCY.get(intent, 2) if intent else 2,
                "has_suggestion": conversation.pk in drafted,
            }
        )
    return rows


def messages_to_settle(request: HttpRequest) -> Tile:
    """Messages of live streams that a person must settle, or that failed permanently."""
    rows = Message.objects.filter(stream__state__in=STREAM.open, state__in=MESSAGE.unsettled)
    return Tile(_("messages with unknown outcome"), rows, address("messages:problems"), "amber", order=40)


def today(request: HttpRequest) -> Panel | None:
    """How many messages left today and how many leave when; without any, when the next one leaves."""
    now = timezone.localtime(clock.now())
    morning = now.replace(hour=0, minute=0, second=0, microsecond=0)
    tonight = morning + timedelta(days=1)
    senders = Sender.objects.values("pk")
    left = Message.objects.outgoing().filter(sender__in=senders, state__in=MESSAGE.proven, sent_at__gte=morning)
    planned = Message.objects.waiting().exclude(approved_hash="").filter(sender__in=senders)
    times = planned.filter(scheduled_at__lt=tonight).annotate(hour=TruncHour("scheduled_at", tzinfo=now.tzinfo))
    gone = left.annotate(hour=Value(None, output_field=DateTimeField()))
    later = planned.filter(sender=OuterRef("pk"), scheduled_at__gte=tonight).order_by("scheduled_at")
    nexts = Sender.objects.annotate(hour=Subquery(later.values("scheduled_at")[:1]), n=Value(0)).order_by()
    sent, hours, following = 0, Counter[int](), None
    parts = [rows.order_by().values_list("hour").annotate(n=Count("pk")) for rows in (times, gone)]
    for hour, count in parts[0].union(parts[1], nexts.values_list("hour", "n"), all=True):
        if hour is None:
            sent += count
        elif count:
            hours[max(hour, now).hour] += count
        else:
            following = min(following or hour, hour)
    if not (sent or hours or following):
        return None
    context = {
        "sent": sent,
        "planned": sum(hours.values()),
        "most": max(hours.values(), default=0),
        "hours": [(f"{hour:02d}:00", hours[hour]) for hour in sorted(hours)],
        "following": following,
    }
    return Panel(_("Leaving today"), "conversations/_home_today.html", context, 10, "side", address("messages:list"))


def senders_in_trouble(request: HttpRequest) -> Panel | None:
    """Senders that do not send, and those that bounces or complaints slow down."""
    rows = []
    for sender in Sender.objects.order_by("name"):
        verdict = health.judge(sender.channel, health.figures_from_json(sender.health))
        if not sender.is_sending:
            rows.append({"sender": sender, "why": sender.state_reason})
        elif verdict.factor < 1:
            rows.append({"sender": sender, "why": verdict.sentence})
    if not rows:
        return None
    context = {"rows": rows[:SHOWN_SENDERS], "more": max(0, len(rows) - SHOWN_SENDERS)}
    return Panel(
        _("Senders that need you"), "conversations/_home_senders.html", context, 20, "side", address("senders:list")
    )
