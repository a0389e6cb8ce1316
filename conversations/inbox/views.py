"""The inbox and its conversations: parse, check the role, one service, render."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.consent import holds
from conversations.inbound import proposals
from conversations.inbox import patterns, selectors, services
from conversations.inbox.filters import all_filters
from conversations.inbox.pages import (
    KEYS,
    HttpRequest,
    answer_changes,
    composer_context,
    find_conversation,
    list_context,
    taken_back,
    thread_context,
)
from conversations.inbox.queues import View
from conversations.inbox.times import typed_moment
from conversations.models import Conversation, Message
from conversations.replies import services as replies
from conversations.replies.models import Intent
from conversations.replies.selectors import decisions
from leads.cleaning import cells
from leads.models import Channel
from outreach.access.models import User
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.sms_segments import segment


@require_safe
@role_required(Role.VIEWER)
def inbox(request: HttpRequest) -> HttpResponse:
    """The list: `?queue=`, `?q=` and the filters; `?after=` (the key of the page before), `?seen=` (what is on the screen)."""
    target = request.htmx.target
    after = request.GET.get("after", "")
    context = list_context(request, after=after)
    if target == "more":
        return render(request, "conversations/inbox/_rows.html", context)
    if target == "rows":
        if request.GET.get("seen") == context["queue_token"]:
            return HttpResponse(status=204)
        return render(request, "conversations/inbox/_poll.html", context | {"is_poll": True})
    if target == "queue":
        return render(request, "conversations/inbox/_found.html", context)
    return render(request, "conversations/inbox/page.html", context | {"keys": KEYS})


@require_safe
@role_required(Role.VIEWER)
def filter_choices(request: HttpRequest, name: str) -> HttpResponse:
    """The choices of a filter with their counts."""
    known = next((one for one in all_filters() if one.name == name), None)
    if known is None:
        raise Http404
    chosen = View.of(request.GET).chosen.get(name, "")
    return render(request, "conversations/inbox/_choices.html", {"choices": known.choices(), "value": chosen})


@require_safe
@role_required(Role.VIEWER)
def recurring(request: HttpRequest) -> HttpResponse:
    """Which questions and objections come again and again; each opens its conversations."""
    found = patterns.recurring(now=clock.now())
    groups = [
        (_("What they ask"), [one for one in found if one.is_question]),
        (_("What they object"), [one for one in found if not one.is_question]),
    ]
    return render(
        request,
        "conversations/inbox/patterns.html",
        {"groups": groups, "is_empty": not found, "decisions": decisions()},
    )


@require_safe
@role_required(Role.VIEWER)
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """All messages with one person, and the answer: beside the list, or alone for whoever has the list already."""
    row = find_conversation(pk)
    services.see(conversation=row, user=request.user)
    context = thread_context(request, row)
    context |= composer_context(row, context["suggestion"], **taken_back(request, row))
    if request.htmx.target == "thread":
        return render(request, "conversations/inbox/_opened.html", context)
    return render(request, "conversations/inbox/page.html", context | list_context(request) | {"keys": KEYS})


@require_safe
@role_required(Role.VIEWER)
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed since `?seen=` (204 when nothing), asked every few seconds; never touches an answer being typed."""
    row = find_conversation(pk)
    before = request.GET.get("before", "")
    if before.isdecimal():
        entries, earlier = selectors.timeline(row, before=int(before))
        return render(
            request,
            "conversations/inbox/_earlier.html",
            {"conversation": row, "entries": entries, "earlier": earlier, "may_answer": False},
        )
    services.see(conversation=row, user=request.user)
    context = thread_context(request, row)
    shown = request.GET.get("suggestion", "")
    current = str(context["suggestion"].pk) if context["suggestion"] else ""
    if request.GET.get("seen") == context["token"] and shown == current:
        return HttpResponse(status=204)
    if shown != current:
        # a text that somebody may be typing is never replaced under their hands
        context["composer_news"] = "tell" if request.GET.get("typed") else "replace"
        context |= composer_context(row, context["suggestion"])
    return render(request, "conversations/inbox/_changes.html", context)


def _action(work: Callable[[HttpRequest, Conversation], str]) -> Callable[..., HttpResponse]:
    """A POST by a reviewer or above on one conversation; `work` returns the sentence to show."""

    @require_POST
    @role_required(Role.REVIEWER)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return answer_changes(request, pk, work(request, find_conversation(pk)))

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
        day = timezone.localdate() + timedelta(days=min(int(days), 400))
        until = timezone.make_aware(datetime.combine(day, time(9)))
    else:
        until = _moment("until", request.POST.get("until", ""))
    services.snooze(conversation=row, until=until, user=request.user, reason=request.POST.get("reason", ""))
    return _("Snoozed.")


def _moment(field: str, text: str) -> datetime:
    found = typed_moment(text, now=timezone.localtime(clock.now()))
    if found is None:
        raise Invalid(
            field, _("Enter a day, such as “tomorrow 9”, “next Tuesday”, “in 2 weeks” or “15 May”."), code="wrong_date"
        )
    return found


@_action
def state(request: HttpRequest, row: Conversation) -> str:
    to, given = request.POST.get("to", ""), request.POST.get("booked_for", "")
    booked_for = _moment("booked_for", given) if given.strip() else None
    services.move(conversation=row, to=to, user=request.user, booked_for=booked_for)
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
    note = services.add_note(conversation=row, text=request.POST.get("text", ""), user=request.user)
    told = ", ".join(str(one.user) for one in note.mentions.select_related("user"))
    return _("Noted. %(names)s will see it under “Mentions me”.") % {"names": told} if told else _("Noted.")


@_action
def tags(request: HttpRequest, row: Conversation) -> str:
    services.set_tags(conversation=row, tags=cells.tags(request.POST.get("tags", "")), user=request.user)
    return _("Tags saved.")


@_action
def unread(request: HttpRequest, row: Conversation) -> str:
    services.mark_unread(conversation=row, user=request.user)
    return _("Marked as unread.")


@require_POST
@role_required(Role.REVIEWER)
def reading(request: HttpRequest, pk: int) -> HttpResponse:
    """A person corrects a reply's intent."""
    row = get_object_or_404(Message, pk=pk, direction=Message.Direction.IN)
    made = replies.correct(message=row, intent=request.POST.get("intent", ""), user=request.user)
    return answer_changes(
        request, row.conversation_id, _("Marked as “%(intent)s”.") % {"intent": Intent(made.intent).label}
    )


@require_POST
@role_required(Role.REVIEWER)
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """A user is typing: others see it. Returns the size of a text message, if it is one."""
    row = get_object_or_404(Conversation, pk=pk)
    body = request.POST.get("body", "")
    services.see(conversation=row, user=request.user, is_writing=bool(body.strip()))
    is_text = request.POST.get("channel") == Channel.SMS
    return render(request, "conversations/inbox/_size.html", {"size": segment(body) if is_text and body else None})
