"""Answers: sent, suggested, taken back."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseLocation, reswap, trigger_client_event

from conversations.files.services import store_uploads
from conversations.inbox import services
from conversations.inbox.pages import (
    KEYS,
    HttpRequest,
    answer_changes,
    composer_context,
    find_conversation,
    list_context,
    thread_context,
)
from conversations.models import Message
from conversations.outbox import copies
from conversations.planning.replying import UNDO, Answer
from conversations.replies import services as replies
from conversations.replies import suggesting
from conversations.replies.models import Suggestion
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.words import gettext as _

_OPTIONS = ("cc", "bcc", "channel", "subject", "files", "send_at")


def _send_at(request: HttpRequest) -> datetime | None:
    """When the answer is to leave: one of the proposed times, or what was typed in the viewer's zone. None: now."""
    given = request.POST.get("preset", "") or request.POST.get("send_at", "")
    try:
        found = datetime.fromisoformat(given) if given else None
    except ValueError as error:
        raise Invalid("send_at", _("Choose a day and a time."), code="wrong_date") from error
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


@require_POST
@role_required(Role.REVIEWER)
def regenerate(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft an answer, or another one, changed as the note says."""
    suggesting.regenerate(conversation=find_conversation(pk), user=request.user, note=request.POST.get("note", ""))
    return answer_changes(request, pk, _("New draft created."), is_text_kept=False)


@require_POST
@role_required(Role.REVIEWER)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what was typed. When it cannot be sent the text comes back with the reason."""
    row = find_conversation(pk)
    seen = request.POST.get("seen", "")
    typed = {key: request.POST.get(key, "") for key in ("body", "subject", "channel", "key", "cc", "bcc")}
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
                copies=copies.Copies(copies.split(typed["cc"]), copies.split(typed["bcc"])),
                send_at=later or clock.now() + UNDO,
                key=typed["key"],
            ),
            seen=int(seen) if seen.isdecimal() else None,
            suggestion=Suggestion.objects.filter(pk=int(used), conversation=row).first() if used.isdecimal() else None,
        )
    except OutreachError as error:
        context = thread_context(request, find_conversation(pk))
        context |= composer_context(
            row, context["suggestion"], **typed, error=error.reason, is_open=getattr(error, "field", "") in _OPTIONS
        )
        if not request.htmx:
            return render(
                request,
                "conversations/inbox/page.html",
                context | list_context(request) | {"keys": KEYS},
                status=409,
            )
        return render(request, "conversations/inbox/_composer.html", context)
    services.done_writing(conversation=row, user=request.user)
    if not request.htmx:
        messages.success(request, _("Sending."))
        return redirect("inbox:conversation", pk=pk)
    fresh = find_conversation(pk)
    context = thread_context(request, fresh) | {"composer_news": "replace", "undoable": message, "is_later": later}
    context |= composer_context(fresh, context["suggestion"])
    response = render(request, "conversations/inbox/_changes.html", context)
    return reswap(trigger_client_event(response, "answered", {"opensNext": context["opens_next"]}), "none")


@require_POST
@role_required(Role.REVIEWER)
def forward(request: HttpRequest, pk: int) -> HttpResponse:
    """Pass a message on to somebody else."""
    row = get_object_or_404(Message.objects.select_related("conversation__lead", "sender"), pk=pk)
    given = {name: request.POST.get(name, "") for name in ("to", "text", "key")}
    message = services.pass_on(message=row, user=request.user, **given)
    return answer_changes(
        request, row.conversation_id, _("Forwarding to %(to)s.") % {"to": message.address}, undoable=message
    )


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
    return answer_changes(request, message.conversation_id, _("Sending."))


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
        return answer_changes(request, row.conversation_id, _("The suggestion was discarded."), is_text_kept=False)
    if not row.is_proposed:
        raise Refused(
            _("Someone else handled this suggestion first. Your text was not sent."), code="changed_meanwhile"
        )
    replies.use_suggestion(suggestion=row, user=request.user, body=request.POST.get("body"))
    return answer_changes(request, row.conversation_id, _("Sending."), is_text_kept=False)
