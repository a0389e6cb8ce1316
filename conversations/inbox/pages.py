"""What the pages of the inbox are rendered from: the list, the open conversation, the box that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest as PlainRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.inbox import queues, selectors
from conversations.inbox.filters import Filter, all_filters
from conversations.inbox.queues import View
from conversations.memory.models import Topic
from conversations.models import Conversation, Message
from conversations.outbox import copies
from conversations.replies import remembering
from conversations.replies import services as replies
from conversations.replies.models import Suggestion
from leads.models import Channel
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.hashing import canonical_hash

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class HttpRequest(PlainRequest):
        """A request behind the sign-in, as the middleware leaves it."""

        user: User
        htmx: HtmxDetails
else:
    HttpRequest = PlainRequest

KEYS = [
    ("j", gettext_lazy("Next conversation")),
    ("k", gettext_lazy("Previous conversation")),
    ("r", gettext_lazy("Write an answer")),
    ("a", gettext_lazy("Approve the suggested answer and send it")),
    ("Ctrl+Enter", gettext_lazy("Send")),
    ("z", gettext_lazy("Undo sending")),
    ("e", gettext_lazy("Close the conversation")),
    ("s", gettext_lazy("Snooze")),
    ("x", gettext_lazy("Select the conversation")),
    ("/", gettext_lazy("Search")),
    ("?", gettext_lazy("Show these keys")),
]


def find_conversation(pk: int) -> Conversation:
    rows = Conversation.objects.select_related("lead__company", "lead__batch", "assigned_to")
    return get_object_or_404(rows.prefetch_related("lead__identities"), pk=pk)


def colleagues() -> QuerySet[User]:
    """Who may be given a conversation."""
    return User.objects.filter(is_active=True).exclude(role=Role.VIEWER).order_by("username")[:100]


def list_context(request: HttpRequest, *, after: str = "") -> dict[str, Any]:
    now, view = clock.now(), View.of(request.GET)
    rows, following = queues.page(view, user=request.user, now=now, after=after)
    counts = queues.counts(view, user=request.user, now=now)
    tabs: list[dict[str, Any]] = [
        {
            "queue": queue,
            "query": view.with_queue(name),
            "count": f"{counts[name]}+" if counts[name] >= queues.COUNT_CAP else counts[name],
            "is_current": queue == view.queue and not view.search,
        }
        for name, queue in queues.QUEUES.items()
    ]
    shown = [
        (r.conversation.pk, r.conversation.updated_at, r.last.pk if r.last else 0, r.is_unread, r.has_suggestion)
        for r in rows
    ]
    return {
        "view": view,
        "rows": rows,
        "following": following,
        "is_first_page": not after,
        "queue_token": canonical_hash([shown, sorted(counts.items())])[:16],
        "tabs": [tab for tab in tabs if tab["queue"].is_main or tab["is_current"]],
        "more_tabs": [tab for tab in tabs if not tab["queue"].is_main],
        "sorts": queues.SORTS.items(),
        "filters": [
            {
                "name": f.name,
                "label": f.label,
                "choices": _choices(f, view.chosen.get(f.name, "")),
                "value": view.chosen.get(f.name, ""),
                "is_counted": f.is_counted,
            }
            for f in all_filters()
        ],
        "filter_count": len(view.chosen) + view.is_unread,
        "colleagues": colleagues(),
    }


def _choices(known: Filter, value: str) -> list[tuple[str, str]]:
    """What a filter offers at first: what is counted comes when its menu opens."""
    if known.is_counted:
        return [(value, value)] if value else []
    return known.choices()


def thread_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    now = clock.now()
    others = selectors.others_here(conversation, user=request.user, now=now)
    entries, earlier = selectors.timeline(conversation)
    questions = list(selectors.questions(conversation))
    shown = [
        (e.key, e.message.state if e.message else "", e.reading.pk if e.reading else 0, len(e.steps)) for e in entries
    ]
    state = [conversation.updated_at, conversation.state, conversation.handler, conversation.assigned_to_id]
    memories = selectors.memories(conversation)
    known = [(row.pk, row.updated_at) for row in memories]
    token = canonical_hash([*state, shown, others, [hold.pk for hold in questions], known])[:16]
    return {
        "view": View.of(request.GET),
        "conversation": conversation,
        "lead": conversation.lead,
        "entries": entries,
        "earlier": earlier,
        "suggestion": selectors.open_suggestion(conversation),
        "questions": questions,
        "proposed_people": selectors.proposed_people(conversation) if conversation.lead_id is None else [],
        "others": others,
        "memories": memories,
        "picture": remembering.picture(conversation),
        "topics": Topic.choices,
        "tags_changed": "tags" in request.POST,
        "token": token,
        "newest": selectors.newest_id(conversation),
        "actions": selectors.actions(conversation, user=request.user),
        "is_snoozed": bool(conversation.snoozed_until and conversation.snoozed_until > now),
        "may_answer": request.user.has_role(Role.REVIEWER),
        "opens_next": selectors.opens_next(request.user),
        "intents": [(str(intent), intent.label) for intent in replies.CORRECTABLE],
        "people": colleagues(),
    }


def composer_context(row: Conversation, suggestion: Suggestion | None, **values: Any) -> dict[str, Any]:
    """The one form that answers: what was typed, else what is suggested, else empty."""
    available = selectors.channels_of(row)
    last = replies.last_inbound(row)
    channel = values.pop("channel", "") or (last.channel if last else (available[0] if available else Channel.EMAIL))
    return {
        "composer": {
            "channel": channel,
            "channels": [(c, Channel(c).label) for c in (available or [channel])],
            "subject": "",
            "cc": "",
            "bcc": "",
            "copy_fields": [
                ("cc", _("Cc"), _("everyone sees them")),
                ("bcc", _("Bcc"), _("no one sees them")),
            ],
            "everyone": ", ".join(selectors.others_addressed(last)) if last else "",
            "body": suggestion.body if suggestion else "",
            "error": "",
            "is_typed": False,
            "key": uuid4().hex,
            "clock": selectors.clock_of(row, now=clock.now()),
            **values,
        }
    }


def taken_back(request: HttpRequest, row: Conversation) -> dict[str, Any]:
    """The text of an answer that this user took back: it is in the box again."""
    pk = request.GET.get("restore", "")
    mine = row.messages.cancelled().filter(author=request.user)
    message = mine.filter(pk=int(pk)).first() if pk.isdecimal() else None
    if message is None:
        return {}
    copied = copies.decode(message.copies)
    both = {"cc": ", ".join(copied.cc), "bcc": ", ".join(copied.bcc)}
    return {"body": message.body, "channel": message.channel, "is_open": bool(copied), "is_typed": True, **both}


def answer_changes(
    request: HttpRequest, pk: int, notice: str = "", *, is_text_kept: bool = True, undoable: Message | None = None
) -> HttpResponse:
    """After an action: the changed parts for HTMX, the page again otherwise. `undoable`: what can be taken back."""
    if not request.htmx:
        if notice:
            messages.success(request, notice)
        return redirect("inbox:conversation", pk=pk)
    row = find_conversation(pk)
    context = thread_context(request, row)
    if row.has_opted_out or not (is_text_kept and request.POST.get("typed")):
        context |= composer_context(row, context["suggestion"]) | {"composer_news": "replace"}
    return render(request, "conversations/inbox/_changes.html", context | {"notice": notice, "undoable": undoable})
