"""The inbox and the conversation page: parse, check the role, one service, render."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest as PlainRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.consent import holds
from conversations.files.services import store_uploads
from conversations.inbound import proposals
from conversations.inbox import selectors, services
from conversations.models import Conversation, Message
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


def _conversation(pk: int) -> Conversation:
    rows = Conversation.objects.select_related("lead__company", "lead__batch", "assigned_to")
    return get_object_or_404(rows.prefetch_related("lead__identities"), pk=pk)


@require_safe
@role_required(Role.VIEWER)
def inbox(request: HttpRequest) -> HttpResponse:
    """The queue: `?queue=`, `?channel=`, `?after=` (the key of the page before)."""
    now = clock.now()
    name = request.GET.get("queue", "waiting")
    name = name if name in selectors.QUEUES else "waiting"
    channel = request.GET.get("channel", "")
    channel = channel if channel in Channel.values else ""
    rows, following = selectors.page(
        name, user=request.user, now=now, channel=channel, after=request.GET.get("after", "")
    )
    context = {
        "rows": rows,
        "following": following,
        "queue": selectors.QUEUES[name],
        "queues": selectors.QUEUES.values(),
        "counts": selectors.counts(user=request.user, now=now),
        "channel": channel,
        "channels": Channel.choices,
        "is_first_page": not request.GET.get("after"),
    }
    template = "conversations/inbox/_queue.html" if request.htmx else "conversations/inbox/list.html"
    return render(request, template, context)


def _state_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    now = clock.now()
    others = selectors.others_here(conversation, user=request.user, now=now)
    entries, earlier = selectors.timeline(conversation)
    suggestion = selectors.open_suggestion(conversation)
    newest = selectors.newest_id(conversation)
    token = canonical_hash(
        [
            conversation.updated_at,
            conversation.state,
            conversation.handler,
            conversation.assigned_to_id,
            [
                (e.key, e.message.state if e.message else "", e.reading.pk if e.reading else 0, len(e.steps))
                for e in entries
            ],
            others,
            list(holds.open_on(conversation).values_list("pk", flat=True)),
        ]
    )[:16]
    return {
        "conversation": conversation,
        "lead": conversation.lead,
        "entries": entries,
        "earlier": earlier,
        "suggestion": suggestion,
        "questions": selectors.questions(conversation),
        "proposed_people": selectors.proposed_people(conversation) if conversation.lead_id is None else [],
        "others": others,
        "token": token,
        "newest": newest,
        "actions": selectors.actions(conversation, user=request.user),
        "is_snoozed": bool(conversation.snoozed_until and conversation.snoozed_until > now),
        "may_answer": request.user.has_role(Role.REVIEWER),
        "intents": [(str(intent), intent.label) for intent in replies.CORRECTABLE],
        "people": User.objects.filter(is_active=True).exclude(role=Role.VIEWER).order_by("username")[:100],
    }


@require_safe
@role_required(Role.VIEWER)
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """All messages with one person, and the answer."""
    row = _conversation(pk)
    services.see(conversation=row, user=request.user)
    return render(request, "conversations/inbox/conversation.html", _state_context(request, row) | _composer(row))


def _composer(row: Conversation, **values: Any) -> dict[str, Any]:
    available = selectors.channels_of(row)
    last = replies.last_inbound(row)
    channel = values.pop("channel", "") or (last.channel if last else (available[0] if available else Channel.EMAIL))
    return {
        "composer": {
            "channel": channel,
            "channels": [(c, Channel(c).label) for c in (available or [channel])],
            "subject": "",
            "body": "",
            "error": "",
            **values,
        }
    }


@require_safe
@role_required(Role.VIEWER)
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed since `?seen=` (204 when nothing), asked every few seconds; never touches the answer being typed."""
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
    context = _state_context(request, row)
    if request.GET.get("seen") == context["token"]:
        return HttpResponse(status=204)
    shown = request.GET.get("suggestion", "")
    current = str(context["suggestion"].pk) if context["suggestion"] else ""
    # a suggestion that somebody may be editing is never replaced under their hands
    context["suggestion_news"] = "replace" if not shown else "tell" if shown != current else ""
    return render(request, "conversations/inbox/_changes.html", context)


def _answer(request: HttpRequest, pk: int, notice: str = "") -> HttpResponse:
    """After an action: the changed parts for HTMX, the page again otherwise."""
    if not request.htmx:
        if notice:
            messages.success(request, notice)
        return redirect("inbox:conversation", pk=pk)
    context = _state_context(request, _conversation(pk))
    context["suggestion_news"] = "replace"
    context["notice"] = notice
    return render(request, "conversations/inbox/_changes.html", context)


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
    if days.isdecimal() and days != "0":
        until = clock.now() + timedelta(days=min(int(days), 400))
    else:
        until = _day(request.POST.get("until", ""))
    services.snooze(conversation=row, until=until, user=request.user, reason=request.POST.get("reason", ""))
    return _("Snoozed.")


def _day(text: str) -> datetime:
    try:
        return timezone.make_aware(datetime.combine(datetime.fromisoformat(text).date(), time(9)))
    except ValueError as error:
        raise Invalid("until", _("Choose a day."), code="wrong_date") from error


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
def regenerate(request: HttpRequest, row: Conversation) -> str:
    replies.regenerate(conversation=row, user=request.user)
    return _("New draft created.")


@require_POST
@role_required(Role.REVIEWER)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what was typed. When it cannot be sent the text comes back with the reason."""
    row = _conversation(pk)
    seen = request.POST.get("seen", "")
    typed = {key: request.POST.get(key, "") for key in ("body", "subject", "channel")}
    try:
        files = store_uploads(request.FILES.getlist("files"), uploaded_by=request.user)
        services.reply(
            conversation=row, user=request.user, seen=int(seen) if seen.isdecimal() else None, files=files, **typed
        )
    except OutreachError as error:
        context = _state_context(request, _conversation(pk)) | _composer(row, **typed, error=error.reason)
        if not request.htmx:
            return render(request, "conversations/inbox/conversation.html", context, status=409)
        return render(request, "conversations/inbox/_composer.html", context)
    services.done_writing(conversation=row, user=request.user)
    if not request.htmx:
        messages.success(request, _("Sending."))
        return redirect("inbox:conversation", pk=pk)
    fresh = _conversation(pk)
    context = _state_context(request, fresh) | _composer(fresh)
    context |= {"suggestion_news": "replace", "notice": _("Sending.")}
    return render(request, "conversations/inbox/_answered.html", context)


@require_POST
@role_required(Role.REVIEWER)
def suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """Use a suggestion (as it is or as it was edited) or put it away."""
    row = get_object_or_404(Suggestion.objects.select_related("conversation__lead", "interaction"), pk=pk)
    if request.POST.get("decision") == "discard":
        replies.discard(suggestion=row, user=request.user)
        return _answer(request, row.conversation_id, _("Closed."))
    if not row.is_proposed:
        raise Refused(
            _("Someone else handled this suggestion first. Your text was not sent."), code="changed_meanwhile"
        )
    replies.use_suggestion(suggestion=row, user=request.user, body=request.POST.get("body"))
    return _answer(request, row.conversation_id, _("Sending."))


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
