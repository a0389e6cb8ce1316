"""What conversations show on the home page: who waits for an answer, what has an unknown fate, what came in."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from conversations.models import MESSAGE, Conversation, Message
from conversations.outbox.models import STREAM
from conversations.replies.models import Intent, Reading
from outreach.core import clock
from outreach.core.home import Panel, Tile
from outreach.core.navigation import address, capped

RECENT_REPLIES = 6
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


def waiting(request: HttpRequest) -> QuerySet[Conversation]:
    """Conversations that are owed an answer: the inbox's first queue."""
    return Conversation.objects.waiting(clock.now())


def waiting_count(request: HttpRequest) -> int:
    """How many people wait for an answer."""
    return capped(waiting(request))


def replies_waiting(request: HttpRequest) -> Tile:
    """Conversations that are owed an answer and are not snoozed."""
    now = clock.now()
    oldest = waiting(request).order_by("waiting_since", "pk").values_list("waiting_since", flat=True).first()
    hint = _("oldest since %(time)s") % {"time": timesince(oldest, now, depth=1)} if oldest else ""
    return Tile(_("replies waiting"), waiting_count(request), address("inbox:list"), "blue", hint, order=10)


def messages_to_settle(request: HttpRequest) -> Tile:
    """Messages of live streams that a person must settle, or that failed permanently."""
    rows = Message.objects.filter(stream__state__in=STREAM.open, state__in=MESSAGE.unsettled)
    return Tile(_("messages with unknown outcome"), capped(rows), address("messages:list"), "amber", order=40)


def recent_replies(request: HttpRequest) -> Panel | None:
    """The latest inbound messages with their intents."""
    messages = list(
        Message.objects.received().select_related("conversation__lead__company").order_by("-pk")[:RECENT_REPLIES]
    )
    if not messages:
        return None
    read = Reading.objects.filter(message__in=messages).order_by("pk")
    intents = {pk: Intent(name) for pk, name in read.values_list("message", "intent") if name in Intent.values}
    rows = [
        {
            "message": message,
            "url": address("inbox:conversation", message.conversation_id),
            "intent": intents[message.pk].label if message.pk in intents else "",
            "colour": INTENT_COLOURS.get(intents[message.pk], "grey") if message.pk in intents else "grey",
        }
        for message in messages
    ]
    return Panel(
        _("Recent replies"), "conversations/_home_replies.html", {"rows": rows}, 10, "side", address("inbox:list")
    )
