"""The inbox and the conversation page: parse, check the role, one service, render."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest as PlainRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseLocation, reswap, trigger_client_event

from conversations.consent import holds
from conversations.files.services import store_uploads
from conversations.inbound import proposals
from conversations.inbox import queues, selectors, services
from conversations.inbox.filters import all_filters
from conversations.inbox.queues import View
from conversations.models import Conversation, Message
from conversations.planning.replying import Answer
from conversations.replies import moments
from conversations.replies import services as replies
from conversations.replies.models import Intent, Suggestion
from leads.models import Channel
from outreach.access.models import User
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.hashing import canonical_hash
from outreach.core.models import Actor
from outreach.core.sms_segments import segment

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
    ("/", gettext_lazy("Search")),
    ("?", gettext_lazy("Show these keys")),
]


def _conversation(pk: int) -> Conversation:
    rows = Conversation.objects.select_related("lead__company", "lead__batch", "assigned_to")
    return get_object_or_404(rows.prefetch_related("lead__identities"), pk=pk)


@require_safe
@role_required(Role.VIEWER)
def inbox(request: HttpRequest) -> HttpResponse:
    """The list: `?queue=`, `?q=` and the filters; `?after=` (the key of the page before), `?seen=` (what is on the screen)."""
    target = request.htmx.target
    after = request.GET.get("after", "")
    context = _list_context(request, after=after)
    if target == "more":
        return render(request, "conversations/inbox/_rows.html", context)
    if target == "rows":
        if request.GET.get("seen") == context["queue_token"]:
            return HttpResponse(status=204)
        return render(request, "conversations/inbox/_poll.html", context | {"is_poll": True})
    if target == "queue":
        return render(request, "conversations/inbox/_found.html", context)
    return render(request, "conversations/inbox/page.html", context | {"keys": KEYS})


def _list_context(request: HttpRequest, *, after: str = "") -> dict[str, Any]:
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
    shown = [(r.conversation.pk, r.conversation.updated_at, r.is_unread, r.has_suggestion) for r in rows]
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
            {"name": f.name, "label": f.label, "choices": f.choices(), "value": view.chosen.get(f.name, "")}
            for f in all_filters()
        ],
        "filter_count": len(view.chosen) + view.is_unread,
    }


def _thread_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    now = clock.now()
    others = selectors.others_here(conversation, user=request.user, now=now)
    entries, earlier = selectors.timeline(conversation)
    questions = list(selectors.questions(conversation))
    shown = [
        (e.key, e.message.state if e.message else "", e.reading.pk if e.reading else 0, len(e.steps)) for e in entries
    ]
    state = [conversation.updated_at, conversation.state, conversation.handler, conversation.assigned_to_id]
    token = canonical_hash([*state, shown, others, [hold.pk for hold in questions]])[:16]
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
        "token": token,
        "newest": selectors.newest_id(conversation),
        "actions": selectors.actions(conversation, user=request.user),
        "is_snoozed": bool(conversation.snoozed_until and conversation.snoozed_until > now),
        "may_answer": request.user.has_role(Role.REVIEWER),
        "opens_next": selectors.opens_next(request.user),
        "intents": [(str(intent), intent.label) for intent in replies.CORRECTABLE],
        "people": User.objects.filter(is_active=True).exclude(role=Role.VIEWER).order_by("username")[:100],
    }


@require_safe
@role_required(Role.VIEWER)
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """All messages with one person, and the answer: beside the list, or alone for whoever has the list already."""
    row = _conversation(pk)
    services.see(conversation=row, user=request.user)
    context = _thread_context(request, row)
    context |= _composer(row, context["suggestion"], **_taken_back(request, row))
    if request.htmx.target == "thread":
        return render(request, "conversations/inbox/_opened.html", context)
    return render(request, "conversations/inbox/page.html", context | _list_context(request) | {"keys": KEYS})


_OPTIONS = ("channel", "subject", "files", "send_at")
UNDO = timedelta(seconds=10)
"""How long an answer can be taken back before it leaves."""


def _taken_back(request: HttpRequest, row: Conversation) -> dict[str, Any]:
    """The text of an answer that this user took back: it is in the box again."""
    pk = request.GET.get("restore", "")
    mine = row.messages.cancelled().filter(author=request.user)
    message = mine.filter(pk=int(pk)).first() if pk.isdecimal() else None
    return {"body": message.body, "channel": message.channel} if message else {}


def _send_at(request: HttpRequest) -> datetime | None:
    """When the answer is to leave: one of the proposed times, or what was typed in the viewer's zone. None: now."""
    given = request.POST.get("preset", "") or request.POST.get("send_at", "")
    try:
        found = datetime.fromisoformat(given) if given else None
    except ValueError as error:
        raise Invalid("send_at", _("Choose a day and a time."), code="wrong_date") from error
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


def _composer(row: Conversation, suggestion: Suggestion | None, **values: Any) -> dict[str, Any]:
    """The one form that answers: what was typed, else what is suggested, else empty."""
    available = selectors.channels_of(row)
    last = replies.last_inbound(row)
    channel = values.pop("channel", "") or (last.channel if last else (available[0] if available else Channel.EMAIL))
    return {
        "composer": {
            "channel": channel,
            "channels": [(c, Channel(c).label) for c in (available or [channel])],
            "subject": "",
            "body": suggestion.body if suggestion else "",
            "error": "",
            "key": uuid4().hex,
            "clock": selectors.clock_of(row, now=clock.now()),
            **values,
        }
    }


@require_safe
@role_required(Role.VIEWER)
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed since `?seen=` (204 when nothing), asked every few seconds; never touches an answer being typed."""
    row = _conversation(pk)
    before = request.GET.get("before", "")
    if before.isdecimal():
        entries, earlier = selectors.timeline(row, before=int(before))
        return render(
            request,
            "conversations/inbox/_earlier.html",
            {"conversation": row, "entries": entries, "earlier": earlier, "may_answer": False},
        )
    services.see(conversation=row, user=request.user)
    context = _thread_context(request, row)
    shown = request.GET.get("suggestion", "")
    current = str(context["suggestion"].pk) if context["suggestion"] else ""
    if request.GET.get("seen") == context["token"] and shown == current:
        return HttpResponse(status=204)
    if shown != current:
        # a text that somebody may be typing is never replaced under their hands
        context["composer_news"] = "tell" if request.GET.get("typed") else "replace"
        context |= _composer(row, context["suggestion"])
    return render(request, "conversations/inbox/_changes.html", context)


def _answer(request: HttpRequest, pk: int, notice: str = "", *, is_text_kept: bool = True) -> HttpResponse:
    """After an action: the changed parts for HTMX, the page again otherwise."""
    if not request.htmx:
        if notice:
            messages.success(request, notice)
        return redirect("inbox:conversation", pk=pk)
    row = _conversation(pk)
    context = _thread_context(request, row)
    if row.has_opted_out or not (is_text_kept and request.POST.get("typed")):
        context |= _composer(row, context["suggestion"]) | {"composer_news": "replace"}
    return render(request, "conversations/inbox/_changes.html", context | {"notice": notice})


def _action(work: Callable[[HttpRequest, Conversation], str]) -> Callable[..., HttpResponse]:
    """A POST by a reviewer or above on one conversation; `work` returns the sentence to show."""

    @require_POST
    @role_required(Role.REVIEWER)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return _answer(request, pk, work(request, _conversation(pk)))

    return view


@_action
def take_over(request: HttpRequest, row: Conversation) -> str:
    services.take_over(conversation=row, user=request.user)
    return _("You have taken over. The AI won't draft anything here until you return it.")


@_action
def release(request: HttpRequest, row: Conversation) -> str:
    services.release(conversation=row, user=request.user)
    return _("The AI is drafting answers again.")


@_action
def assignment(request: HttpRequest, row: Conversation) -> str:
    chosen = request.POST.get("to", "")
    to = User.objects.filter(pk=int(chosen), is_active=True).first() if chosen.isdecimal() else None
    services.assign(conversation=row, to=to, user=request.user)
    return _("Assigned to %(name)s.") % {"name": to} if to else _("Unassigned.")


@_action
def snooze(request: HttpRequest, row: Conversation) -> str:
    if "wake" in request.POST:
        services.wake(conversation=row, user=request.user)
        return _("Back in the queue.")
    days = request.POST.get("days", "")
    today = timezone.localdate()
    if days.isdecimal() and days != "0":
        day = today + timedelta(days=min(int(days), 400))
    else:
        day = _day(request.POST.get("until", ""), today=today)
    until = timezone.make_aware(datetime.combine(day, time(9)))
    services.snooze(conversation=row, until=until, user=request.user, reason=request.POST.get("reason", ""))
    return _("Snoozed.")


def _day(text: str, *, today: date) -> date:
    """The day that somebody typed, in words or figures."""
    found = moments.day(text, today=today)
    if found is None:
        raise Invalid("until", _("Enter a day, such as “next Tuesday”, “in 2 weeks” or “15 May”."), code="wrong_date")
    return found


@_action
def state(request: HttpRequest, row: Conversation) -> str:
    services.move(conversation=row, to=request.POST.get("to", ""), user=request.user)
    return _("Changed.")


@_action
def no_answer(request: HttpRequest, row: Conversation) -> str:
    services.nothing_owed(conversation=row, user=request.user)
    return _("Marked as needing no answer.")


@_action
def hold(request: HttpRequest, row: Conversation) -> str:
    decision = request.POST.get("decision", "")
    if decision == "opt_out":
        services.opt_out_held(conversation=row, user=request.user)
        return _("Opted out. They get no message on any channel any more.")
    if decision in {"theirs", "other"}:
        found = get_object_or_404(holds.open_on(row), pk=request.POST.get("hold"))
        if decision == "theirs":
            proposals.attach(hold=found, actor=Actor.of(request.user))
            return _("Added to this conversation.")
        proposals.dismiss(hold=found, actor=Actor.of(request.user))
    else:
        services.keep_writing(conversation=row, user=request.user)
    return _("Follow-ups go on.")


@_action
def notes(request: HttpRequest, row: Conversation) -> str:
    services.add_note(conversation=row, text=request.POST.get("text", ""), user=request.user)
    return _("Noted.")


@_action
def unread(request: HttpRequest, row: Conversation) -> str:
    services.mark_unread(conversation=row, user=request.user)
    return _("Marked as unread.")


@require_POST
@role_required(Role.REVIEWER)
def regenerate(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft an answer, or another one."""
    replies.regenerate(conversation=_conversation(pk), user=request.user)
    return _answer(request, pk, _("New draft created."), is_text_kept=False)


@require_POST
@role_required(Role.REVIEWER)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what was typed. When it cannot be sent the text comes back with the reason."""
    row = _conversation(pk)
    seen = request.POST.get("seen", "")
    typed = {key: request.POST.get(key, "") for key in ("body", "subject", "channel", "key")}
    used = request.POST.get("used_suggestion", "")
    try:
        later = _send_at(request)
        files = store_uploads(request.FILES.getlist("files"), uploaded_by=request.user)
        message = services.reply(
            conversation=row,
            user=request.user,
            answer=Answer(
                typed["body"],
                typed["subject"],
                typed["channel"],
                files=files,
                send_at=later or clock.now() + UNDO,
                key=typed["key"],
            ),
            seen=int(seen) if seen.isdecimal() else None,
            suggestion=Suggestion.objects.filter(pk=int(used), conversation=row).first() if used.isdecimal() else None,
        )
    except OutreachError as error:
        context = _thread_context(request, _conversation(pk))
        context |= _composer(
            row, context["suggestion"], **typed, error=error.reason, is_open=getattr(error, "field", "") in _OPTIONS
        )
        if not request.htmx:
            return render(
                request,
                "conversations/inbox/page.html",
                context | _list_context(request) | {"keys": KEYS},
                status=409,
            )
        return render(request, "conversations/inbox/_composer.html", context)
    services.done_writing(conversation=row, user=request.user)
    if not request.htmx:
        messages.success(request, _("Sending."))
        return redirect("inbox:conversation", pk=pk)
    fresh = _conversation(pk)
    context = _thread_context(request, fresh) | {"composer_news": "replace", "undoable": message, "is_later": later}
    context |= _composer(fresh, context["suggestion"])
    response = render(request, "conversations/inbox/_changes.html", context)
    return reswap(trigger_client_event(response, "answered", {"opensNext": context["opens_next"]}), "none")


@require_POST
@role_required(Role.REVIEWER)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo: the answer does not leave, and its text is in the box again."""
    message = services.take_back(message=_by_hand(pk), user=request.user)
    address = f"{reverse('inbox:conversation', args=[message.conversation_id])}?restore={pk}"
    if not request.htmx:
        return redirect(address)
    return HttpResponseLocation(address, target="#thread", swap="outerHTML")


@require_POST
@role_required(Role.REVIEWER)
def send_now(request: HttpRequest, pk: int) -> HttpResponse:
    """An answer that was to leave later leaves now."""
    message = services.send_now(message=_by_hand(pk), user=request.user)
    return _answer(request, message.conversation_id, _("Sending."))


def _by_hand(pk: int) -> Message:
    rows = Message.objects.outgoing().exclude(author=None).select_related("conversation")
    return get_object_or_404(rows, pk=pk)


@require_POST
@role_required(Role.VIEWER)
def preferences(request: HttpRequest) -> HttpResponse:
    """What this user wants the inbox to do after an answer."""
    services.set_preference(user=request.user, opens_next=bool(request.POST.get("opens_next")))
    return HttpResponse(status=204)


@require_POST
@role_required(Role.REVIEWER)
def suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """Use a suggestion (as it is or as it was edited) or put it away."""
    row = get_object_or_404(Suggestion.objects.select_related("conversation__lead", "interaction"), pk=pk)
    if request.POST.get("decision") == "discard":
        replies.discard(suggestion=row, user=request.user)
        return _answer(request, row.conversation_id, _("The suggestion was discarded."), is_text_kept=False)
    if not row.is_proposed:
        raise Refused(
            _("Someone else handled this suggestion first. Your text was not sent."), code="changed_meanwhile"
        )
    replies.use_suggestion(suggestion=row, user=request.user, body=request.POST.get("body"))
    return _answer(request, row.conversation_id, _("Sending."), is_text_kept=False)


@require_POST
@role_required(Role.REVIEWER)
def reading(request: HttpRequest, pk: int) -> HttpResponse:
    """A person corrects a reply's intent."""
    row = get_object_or_404(Message, pk=pk, direction=Message.Direction.IN)
    made = replies.correct(message=row, intent=request.POST.get("intent", ""), user=request.user)
    return _answer(request, row.conversation_id, _("Marked as “%(intent)s”.") % {"intent": Intent(made.intent).label})


@require_POST
@role_required(Role.REVIEWER)
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """A user is typing: others see it. Returns the size of a text message, if it is one."""
    row = get_object_or_404(Conversation, pk=pk)
    body = request.POST.get("body", "")
    services.see(conversation=row, user=request.user, is_writing=bool(body.strip()))
    is_text = request.POST.get("channel") == Channel.SMS
    return render(request, "conversations/inbox/_size.html", {"size": segment(body) if is_text and body else None})
